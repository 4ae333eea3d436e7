import { isIP } from 'node:net';
import { z } from 'zod';
import { TESTS_EXAMPLE } from './examples/tests.ts';
import { limits } from './limits.ts';
import { duration, mapping, reference, size, text } from './scalars.ts';

/** What may become of a described request (`Decision` in evaluate/decision.ts, as an operator says it). */
const TEST_OUTCOMES = [
  'allow',
  'redirect',
  'respond',
  'challenge',
  'refuse',
  'preflight',
  'own',
] as const;

const URL_WANTED = 'must be a whole address such as "https://app.example.com/path"';
const ADDRESS_WANTED = 'must be an IP address such as "192.0.2.1"';
const METHOD_WANTED = 'must be a method such as "POST"';
const STATUS_WANTED = 'must be a status from 200 to 599';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function isWebAddress(value: string): boolean {
  return URL.canParse(value) && /^https?:\/\//i.test(value);
}

const request = mapping('The request of the case.', {
  url: text('Its whole address.', URL_WANTED).refine(isWebAddress, { error: URL_WANTED }),
  method: z
    .string({ error: METHOD_WANTED })
    // RFC 9110 5.6.2: a method is a token.
    .regex(TOKEN, { error: METHOD_WANTED })
    .optional()
    .meta({ description: 'Its method.', byDefault: 'GET' }),
  headers: z
    .record(
      z.string().regex(TOKEN, { error: 'must be a header name' }),
      z.string({ error: 'must be a text' }),
      { error: 'must be a mapping from header names to texts' },
    )
    .optional()
    .meta({ description: 'Its header fields.' }),
  from: z
    .string({ error: ADDRESS_WANTED })
    .refine((address) => isIP(address) !== 0, { error: ADDRESS_WANTED })
    .optional()
    // Of documentation (RFC 5737), so it is in nobody's list.
    .meta({ description: 'Address of the client.', byDefault: '192.0.2.1' }),
  body: size('Length of its body.', 0).optional(),
});

const hasMember = (value: object) => Object.values(value).some((each) => each !== undefined);

const proof = mapping('What a provider finds.', {
  provider: reference('Name of the provider.', 'must be the name of a provider'),
  claims: z
    .record(z.string(), z.unknown(), { error: 'must be a mapping of claims' })
    .optional()
    .meta({ description: 'Claims of the identity, taken as verified. `sub` is the subject.' }),
  acr: text('Authentication context class of the login.').optional(),
  age: duration('How long ago the person logged in.', 0).optional(),
  rejected: z
    .literal(true, { error: 'must be true' })
    .optional()
    .meta({ description: 'true: the credential is bad, and the provider rejects it.' }),
}).refine(
  ({ rejected, ...rest }) => rejected === undefined || !hasMember({ ...rest, provider: undefined }),
  {
    error: 'must have "rejected: true" alone, or what the provider finds in a good credential',
  },
);

const PROOFS = 'must be what one provider finds, or a list of these';

const expect = mapping('What must come of it. What is not named may be anything.', {
  outcome: z
    .enum(TEST_OUTCOMES, { error: `must be one of ${TEST_OUTCOMES.join(', ')}` })
    .optional()
    .meta({
      description:
        'allow: goes on to the service; redirect, respond: answered as the policy says; challenge: 401, or a redirect to a login; refuse: any other refusal; preflight: answered by CORS; own: a page of the gateway.',
    }),
  status: z
    .int({ error: STATUS_WANTED })
    .min(200, { error: STATUS_WANTED })
    .max(599, { error: STATUS_WANTED })
    .optional()
    .meta({ description: 'Status of the answer that the gateway gives itself.' }),
  location: text('Where a redirect of the policy leads.').optional(),
  code: text('Code of the refusal, such as rate_limited (docs/errors.md).').optional(),
  reason: text('Code of the reason, such as jwt.expired (docs/errors.md).').optional(),
  route: text('Name of the route.').optional(),
  path: text('The path of the route that holds, as written in the policy.').optional(),
  service: text('Service that gets the request.').optional(),
  forwarded: text('Path and query that the service gets.').optional(),
  provider: text('Provider that gives the identity or begins the login.').optional(),
  identity: text('Subject of the identity; none: there is no identity.').optional(),
  tenant: text('Id of the tenant.').optional(),
  tier: text('Its tier; none: it has no tier.').optional(),
  rate: limits.shape.rate.meta({ description: 'The rate or rates of the tenant, all of them.' }),
  concurrent: limits.shape.concurrent.meta({
    description: 'How many requests the tenant may have in flight.',
  }),
}).refine(hasMember, { error: 'must name at least one thing to expect' });

export const tests = z
  .array(
    mapping('One case: a request, who makes it, and what must come of it.', {
      name: text('What the case shows, as a sentence.'),
      request,
      as: z
        .union([proof, z.array(proof).min(1, { error: PROOFS })], { error: PROOFS })
        .optional()
        .meta({
          description:
            'What providers find in the request. Default: its header fields are all there is.',
        }),
      expect,
    }),
    { error: 'must be a list of cases' },
  )
  .max(10_000, { error: 'must have at most 10,000 cases' })
  .meta({ examplesInYaml: [TESTS_EXAMPLE] });

export type TestInput = z.output<typeof tests>[number];
export type ProofInput = z.output<typeof proof>;
