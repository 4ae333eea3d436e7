import { z } from 'zod';
import { DEADLINES } from '../../core/deadlines.ts';
import { PROFILES_EXAMPLE, ROUTES_EXAMPLE } from './examples/rules.ts';
import { SERVICES_EXAMPLE } from './examples/services.ts';
import { gateway } from './gateway.ts';
import { tierLimits } from './limits.ts';
import { network } from './network.ts';
import { profile, route } from './route.ts';
import { mapping, named, text, wait } from './scalars.ts';
import { service } from './service.ts';
import { priority } from './shedding.ts';
import { tenants } from './tenants.ts';
import { tests } from './tests.ts';

/** The keys of the core; all others are the plugin's, and checked by its own schema. */
const provider = z
  .looseObject(
    {
      plugin: text('Built-in plugin, or an npm package.', 'must be the name of a plugin'),
      timeout: wait('One call of the plugin.', DEADLINES.pluginCallMs).optional(),
    },
    { error: 'must be a mapping of keys' },
  )
  .meta({ description: 'A way to authenticate: a plugin and its options.' });

/** The one truth of the shape of a policy set, all files merged. */
export const policySchema = mapping('The policy of a Fairlead gateway.', {
  version: z
    .literal(1, { error: 'must be 1' })
    .meta({ description: 'Version of the language: 1.' }),
  gateway: gateway.optional(),
  network: network.optional(),
  services: named(service, 'Services, where they differ from the default.')
    .meta({ examplesInYaml: [SERVICES_EXAMPLE] })
    .optional(),
  providers: named(provider, 'Ways to authenticate.')
    .meta({
      examplesInYaml: [
        `api: { plugin: jwt, issuer: 'https://login.example.com', audience: web, timeout: 5s }`,
      ],
    })
    .optional(),
  tenants: tenants.optional(),
  tiers: named(tierLimits.extend({ priority: priority.optional() }), 'Named sets of limits.')
    .meta({
      examplesInYaml: [
        `free: { rate: [10/s, 1000/h], burst: 20, concurrent: 8, connections: 20, bandwidth: 1MiB/s, priority: 3 } # refused before others: gateway.shedding
gold: { rate: 1000/s, concurrent: 500, mode: shadow }
metered: { rate: 100/s, quota: { amount: 1000000, per: month, zone: Europe/Paris }, algorithm: strict, whenDown: closed, shared: true }`,
      ],
    })
    .optional(),
  profiles: named(
    profile,
    'What several routes and paths have in common, by a name that their `use` has.',
  )
    .meta({ examplesInYaml: [PROFILES_EXAMPLE] })
    .optional(),
  routes: named(route, 'Which requests go where.')
    .meta({ examplesInYaml: [ROUTES_EXAMPLE] })
    .optional(),
  tests: tests.optional().meta({ description: 'Cases that `fairlead test` runs.' }),
});

export type PolicyDocument = z.output<typeof policySchema>;
