import { z } from 'zod';
import { fieldNames } from '../../core/fields/fields.ts';
import { addressRule } from './address-rule.ts';
import { answers } from './answers.ts';
import { DEFAULTS } from './defaults.ts';
import { hasMember, needs } from './claim-condition.ts';
import { cors } from './cors.ts';
import { headers } from './headers.ts';
import { allHold, asWhole } from './joining.ts';
import { limits, routeLimits } from './limits.ts';
import { matchHeaders, methods } from './narrowing.ts';
import { require } from './require.ts';
import { mapping, orNull, reference, size, text } from './scalars.ts';
import { serviceName } from './service.ts';
import { ruleTimeout } from './timeout.ts';

const AUTH =
  'must be "public", a provider, a list of providers, { all: [...] } or { optional: ... }';
const provider = reference('Name of a provider.', 'must be the name of a provider');
const providers = (minimum: number) =>
  z
    .array(provider, { error: 'must be a list of providers' })
    .min(minimum, {
      error: `must name at least ${minimum === 1 ? 'one provider' : 'two providers'}`,
    })
    .superRefine(refuseTwice('provider'))
    .meta({ uniqueItems: true });

/** Of `all: [a, a]` one proof would be left of two; in a list of alternatives the second is dead. */
function refuseTwice(noun: string) {
  return (names: readonly string[], context: z.RefinementCtx): void => {
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      const message = `must not name a ${noun} twice`;
      context.addIssue({ code: 'custom', path: [index], message });
    }
  };
}

export const auth = z
  .union(
    [
      reference('"public" for no identity, or the name of a provider.', AUTH).meta({
        examples: ['public'],
      }),
      providers(1),
      mapping('Every one must give an identity, or none needs to.', {
        all: providers(2)
          .optional()
          .meta({ description: 'Names of at least two providers: each must give an identity.' }),
        optional: z
          .union([provider, providers(1)], { error: 'must be a provider or a list of providers' })
          .optional()
          .meta({
            description:
              'A provider, or a list: an identity if there is one, none else. A bad credential is refused; nobody is sent to a login.',
          }),
      })
        .refine(hasMember, needs('must have one of all, optional'))
        .refine(({ all, optional }) => all === undefined || optional === undefined, {
          error: 'must have "all" or "optional", not both',
        }),
    ],
    { error: AUTH },
  )
  .meta({
    description:
      'Who may pass: "public", a provider, any of a list, { all: [...] } or { optional: … }.',
  });

export const websocket = z.boolean({ error: 'must be true or false' }).meta({
  description: 'Whether upgrades to WebSocket are allowed.',
  byDefault: DEFAULTS.websocket,
});

/** What a route and a path may both say. How they join: `joining.ts`. */
const rule = {
  ...answers,
  methods: orNull(methods),
  matchHeaders: orNull(matchHeaders),
  from: allHold(addressRule.optional()),
  auth: asWhole(orNull(auth)),
  require: allHold(require),
  limits: allHold(orNull(limits)),
  body: orNull(size('Largest request body.', DEFAULTS.bodyBytes)),
  websocket: orNull(websocket),
  timeout: ruleTimeout,
  headers: orNull(headers),
};

const host = text(
  'Host such as app.example.com, *.example.com or **.example.com.',
  'must be a host',
);

const OVERRIDING_FIELDS = fieldNames('override');
const NAMES_WANTED = `must be one of ${OVERRIDING_FIELDS.join(', ')}: only these are removed by default`;

export const forwardHeaders = z
  .array(z.enum(OVERRIDING_FIELDS, { error: NAMES_WANTED }), {
    error: 'must be a list of header names',
  })
  .min(1, { error: 'must name at least one header' })
  .max(OVERRIDING_FIELDS.length, { error: `must name at most ${OVERRIDING_FIELDS.length} headers` })
  .meta({
    description:
      'Fields of the client that are removed by default and are forwarded to this application.',
  });

const pathForm = (what: string) =>
  z
    .enum(['refuse', 'keep'], { error: 'must be "refuse" or "keep"' })
    .optional()
    .meta({
      description: `${what}: refuse (400) or keep, and forward it as it is.`,
      byDefault: 'refuse',
    });

export const pathForms = mapping(
  'Forms of a path that applications read differently. Kept only where every reading has one rule.',
  {
    encodedSlash: pathForm('%2F'),
    parameters: pathForm('";" and %3B'),
    emptySegments: pathForm('"//", but never in front'),
  },
);

const use = z
  .array(reference('Name of a profile.', 'must be the name of a profile'), {
    error: 'must be a list of profiles',
  })
  .min(1, { error: 'must name at least one profile' })
  .superRefine(refuseTwice('profile'))
  .optional()
  .meta({
    description:
      'Profiles that hold here, in this order; what is written here itself, or in a later one, wins.',
    uniqueItems: true,
  });

/** What several routes and paths have in common; it uses no other profile. */
export const profile = mapping('What a route or path says that uses this profile.', rule);

/** Of the route or path itself, so that it is seen there: no profile has it. */
const service = serviceName(
  'A service of the set, a routing key, or a URL such as http://127.0.0.1:3000. A route without it takes its paths alone.',
).optional();

const pathRule = mapping('What is different for this path.', { use, service, ...rule });

export const route = mapping('Which requests go to which service, and who may make them.', {
  host: z
    .union([host, z.array(host).min(1, { error: 'must name at least one host' })], {
      error: 'must be a host or a list of hosts',
    })
    .meta({ description: 'Host or hosts; *.x is one label, **.x any number.' }),
  service,
  passthrough: z.boolean({ error: 'must be true or false' }).optional().meta({
    description: 'true: TLS goes to the application untouched, chosen by server name.',
    byDefault: false,
  }),
  use,
  ...rule,
  limits: allHold(orNull(routeLimits)),
  forwardHeaders: orNull(forwardHeaders),
  path: orNull(pathForms),
  cors: asWhole(orNull(cors)),
  paths: z.record(z.string(), pathRule, { error: 'must be a mapping of paths' }).optional().meta({
    description: 'Exact paths, /a/* for one segment, /a/** for the segment and all below.',
  }),
});

export type RouteInput = z.output<typeof route>;
export type AuthInput = z.output<typeof auth>;
