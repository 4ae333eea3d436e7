import { ALGORITHMS, DEFAULT_ALGORITHMS } from 'fairlead/plugin/kit';
import { DURATION_PATTERN, MAX_KEYS, milliseconds } from 'fairlead/plugin/kit';
import { z } from 'zod';
import { LIMITS } from './limits.ts';

const duration = z
  .string()
  .regex(DURATION_PATTERN, 'wanted a duration such as 30s')
  .meta({ title: 'duration' });
const text = z.string().min(1).max(1024);

const values = z.union([text, z.array(text).min(1).max(100)]);

const keySource = z
  .strictObject({
    url: z.url().meta({ description: 'Where the key set is, instead of discovery' }).optional(),
    file: text.meta({ description: 'A file with a JSON Web Key Set', path: true }).optional(),
    keys: z
      .array(
        z.looseObject({ kty: z.string().meta({ description: 'Its key type, such as RSA or EC' }) }),
      )
      .min(1)
      .max(MAX_KEYS)
      .meta({ description: 'Public keys as JSON Web Keys, in the policy itself' })
      .optional(),
    ca: text
      .meta({
        description: 'PEM file; trusted for the issuer instead of the system',
        path: true,
        holds: 'authorities',
      })
      .optional(),
    allowPrivate: z.boolean().default(false).meta({
      description:
        'Allow loopback and private addresses for the issuer, and plain http to loopback',
    }),
  })
  .refine((source) => countSources(source) <= 1, {
    message: 'wanted one of url, file and keys',
  });

/** What the policy may say of a `jwt` provider; the output is in milliseconds and lists. */
export const Options = z
  .strictObject({
    issuer: text.meta({
      description: 'The exact `iss` of its tokens; also where discovery starts',
    }),
    audience: z
      .union([
        ...values.options,
        z.strictObject({
          claim: text.meta({ description: 'The claim that names the audience, such as client_id' }),
          is: values.meta({ description: 'Its exact value; one or a list' }),
        }),
      ])
      .meta({
        description:
          'The exact `aud` of tokens meant for these routes; one or a list, or { claim, is } for tokens that name their audience in another claim',
      })
      .transform((audience) =>
        typeof audience === 'object' && 'claim' in audience
          ? { claim: audience.claim, is: listOf(audience.is) }
          : { claim: 'aud', is: listOf(audience) },
      ),
    subject: z
      .strictObject({
        claim: z
          .union([text, z.array(text).min(1).max(10)])
          .meta({ description: 'A claim, or a list of which the first that a token has counts' }),
      })
      .default({ claim: 'sub' })
      .meta({
        description:
          'Who a token is about, for tokens without `sub`; default: { claim: sub }. Values of two claims must not be alike',
      })
      .transform(({ claim }) => ({ claims: listOf(claim) })),
    jwks: keySource
      .prefault({})
      .meta({ description: 'Where keys come from; default: discovery at the issuer' }),
    algorithms: z
      .array(z.enum(ALGORITHMS))
      .min(1)
      .default([...DEFAULT_ALGORITHMS])
      .meta({
        description:
          'Allowed signature algorithms. A key that names none serves the first that fits it',
      }),
    typ: text.optional().meta({
      description: 'The `typ` a token must have, such as at+jwt; default: none, JWT or at+jwt',
    }),
    maxAge: duration
      .transform(milliseconds)
      .optional()
      .meta({ description: 'The oldest `iat` accepted; default: any' }),
    skew: duration
      .default('30s')
      .transform(milliseconds)
      .refine((value) => value <= LIMITS.maxSkewMs, { message: 'wanted at most 60s' })
      .meta({ description: 'How far the clocks of issuer and gateway may differ, at most 60s' }),
  })
  .meta({
    examplesInYaml: [
      `issuer: https://login.example.com/realms/main
audience: https://app.example.com
algorithms: [RS256, ES256]
typ: at+jwt
maxAge: 1h
skew: 10s`,
      `# Access tokens of Cognito; the key set from a given address.
issuer: https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Example
audience: { claim: client_id, is: [app, mobile] }
subject: { claim: [sub, client_id] }
jwks: { url: 'https://keys.example.com/jwks.json', ca: certs/issuer-ca.pem, allowPrivate: true }`,
      `# Keys in a file: nothing is fetched.
issuer: https://login.example.com
audience: [web, api]
jwks: { file: keys/jwks.json }`,
      `# Keys in the policy itself.
issuer: https://login.example.com
audience: web
jwks:
  keys:
    - { kty: OKP, crv: Ed25519, kid: a, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo }`,
    ],
  });

export type Options = z.output<typeof Options>;

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function countSources(source: {
  readonly url?: unknown;
  readonly file?: unknown;
  readonly keys?: unknown;
}): number {
  return [source.url, source.file, source.keys].filter((each) => each !== undefined).length;
}
