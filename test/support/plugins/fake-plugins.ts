import { z } from 'zod';
import type { Authenticator, Plugin } from '../../../src/plugin/contract.ts';
import { PLUGIN_API } from '../../../src/plugin/contract.ts';
import type { PluginCatalogue } from '../../../src/policy/schema/json-schema.ts';

const options = z.strictObject({
  issuer: z.url().meta({ description: 'Issuer of the tokens.' }),
  audience: z.union([z.string(), z.array(z.string())]).meta({ description: 'Who they are for.' }),
  algorithms: z.array(z.enum(['RS256', 'ES256'])).optional(),
  skew: z.int().max(60).optional(),
  secret: z.string().optional().meta({ writeOnly: true, description: 'A shared secret.' }),
  ca: z.string().optional().meta({ format: 'path', description: 'Authorities of the issuer.' }),
});

type Jwt = z.output<typeof options>;

const base = {
  api: PLUGIN_API,
  kind: 'authenticator' as const,
  create: () => Promise.resolve({ authenticate: () => ({ kind: 'pass' }) } as Authenticator),
};

/** Shaped like the built-in jwt, for tests of the policy alone. */
const jwt: Plugin<'authenticator', Jwt> = {
  ...base,
  name: 'jwt',
  authorization: 'reads',
  options,
  check(given) {
    if (given.issuer.startsWith('https:')) return [];
    const message = `the issuer is not https (and a careless plugin quotes ${given.secret ?? ''})`;
    return [{ path: ['issuer'], message, hint: 'write https://' }];
  },
};

/** Logs people in, each host by itself. */
const login = {
  ...base,
  name: 'login',
  authorization: 'writes' as const,
  options: z.strictObject({ loginHosts: z.array(z.string()).optional() }),
};

const throwing = {
  ...base,
  name: 'throwing',
  options: z.looseObject({}),
  check: () => {
    throw new Error('with a secret in it: hunter2-hunter2');
  },
};

const plugins: Readonly<Record<string, unknown>> = {
  jwt,
  login,
  throwing,
  'old-api': { ...base, name: 'old-api', api: 0, options },
  'a-sink': { ...base, name: 'a-sink', kind: 'sink', options },
  greedy: { ...base, name: 'greedy', options: z.strictObject({ timeout: z.string() }) },
};

/** A jwt that works, and plugins that are broken each in its own way. */
export const fakePlugins: PluginCatalogue = {
  find: (name) =>
    Object.hasOwn(plugins, name) ? (plugins[name] as Plugin<'authenticator', unknown>) : undefined,
  names: () => Object.keys(plugins),
};
