import { ALGORITHMS, DEFAULT_ALGORITHMS } from 'fairlead/plugin/kit';
import { DURATION_PATTERN, milliseconds } from 'fairlead/plugin/kit';
import { z } from 'zod';
import { LIMITS } from './limits.ts';

const CLIENT_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
] as const;

/** As requests are matched; RFC 952 and RFC 1123 2.1. */
const HOST = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const text = z.string().min(1).max(1024);

const client = z.strictObject({
  id: text.meta({ description: 'The client id that the provider gave this gateway' }),
  secret: z
    .string()
    .min(1)
    .max(4096)
    .optional()
    .meta({ description: 'The client secret, by reference', secret: true }),
  key: text.optional().meta({
    description: 'PEM file of the private key, for private_key_jwt or with cert for mutual TLS',
    path: true,
    holds: 'privateKey',
  }),
  keyId: text.optional().meta({ description: 'The `kid` under which the provider knows the key' }),
  cert: text.optional().meta({
    description: 'PEM file of the client certificate for mutual TLS',
    path: true,
    holds: 'certificate',
  }),
  method: z.enum(CLIENT_METHODS).optional().meta({
    description:
      'How the client proves itself; default: by what is given, a secret by basic unless the provider only offers post',
  }),
});

/** What the policy may say of an `oidc` provider; the output is in milliseconds and lists. */
export const Options = z
  .strictObject({
    issuer: text.meta({ description: 'The exact `iss` of the provider; discovery starts there' }),
    client: client.meta({ description: 'Who the gateway is to the provider' }),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, 'wanted a scope without blanks'))
      .min(1)
      .max(50)
      .default(['openid'])
      .meta({ description: 'Scopes asked for; offline_access where refresh tokens need it' }),
    loginHosts: z
      .array(z.string().regex(HOST, 'wanted a host name without wildcard, port or capitals'))
      .min(1)
      .max(1000)
      .optional()
      .meta({
        description:
          'Hosts at which people log in, each with its redirect URI registered; default: the hosts of the routes, which a wildcard is not',
      }),
    responseMode: z
      .enum(['query', 'form_post'])
      .default('query')
      .meta({ description: 'How the provider sends the browser back' }),
    par: z.enum(['auto', 'off', 'required']).default('auto').meta({
      description:
        'Pushed authorization requests (RFC 9126): when the provider has them, never, or always',
    }),
    forward: z.enum(['none', 'access-token']).default('none').meta({
      description: 'What the service gets as Authorization; with none the token is not even kept',
    }),
    userinfo: z
      .boolean()
      .default(false)
      .meta({ description: 'Add the claims of the userinfo endpoint at login' }),
    postLogout: z.string().min(1).max(LIMITS.returnToCharacters).optional().meta({
      description: 'Path where a logout ends; default: a page that says so',
    }),
    prompt: z
      .enum(['login', 'consent', 'select_account'])
      .optional()
      .meta({ description: 'What the provider is to ask at each login; default: what it needs' }),
    algorithms: z
      .array(z.enum(ALGORITHMS))
      .min(1)
      .default([...DEFAULT_ALGORITHMS])
      .meta({ description: 'Allowed signature algorithms of ID and logout tokens' }),
    ca: text.optional().meta({
      description: 'PEM file; trusted for the provider instead of the system',
      path: true,
      holds: 'authorities',
    }),
    allowPrivate: z.boolean().default(false).meta({
      description: 'Allow loopback and private addresses, and plain http to loopback',
    }),
    skew: z
      .string()
      .regex(DURATION_PATTERN, 'wanted a duration such as 30s')
      .meta({ title: 'duration' })
      .default('30s')
      .transform(milliseconds)
      .refine((value) => value <= LIMITS.maxSkewMs, { message: 'wanted at most 60s' })
      .meta({ description: 'How far the clocks of provider and gateway may differ, at most 60s' }),
  })
  .meta({
    examplesInYaml: [
      `issuer: https://login.example.com/realms/main
client: { id: web, secret: '\${file:secrets/oidc-client}', method: client_secret_post }
scopes: [openid, profile, email, offline_access]
loginHosts: [app.example.com]
responseMode: form_post
par: required
forward: access-token
userinfo: true
postLogout: /goodbye
prompt: select_account
algorithms: [RS256, ES256]
ca: certs/issuer-ca.pem
allowPrivate: true
skew: 10s`,
      `# A key instead of a secret.
issuer: https://login.example.com/realms/main
client: { id: web, key: secrets/oidc.key, keyId: '2026-01', method: private_key_jwt }`,
      `# Mutual TLS instead of a secret.
issuer: https://login.example.com/realms/main
client: { id: web, cert: certs/oidc.crt, key: secrets/oidc.key, method: tls_client_auth }`,
    ],
  });

export type Options = z.output<typeof Options>;
export type ClientOptions = Options['client'];
export type ClientMethod = (typeof CLIENT_METHODS)[number];
