import { z } from 'zod';
import { DEFAULTS } from './defaults.ts';
import { listenAddress, mapping, path } from './scalars.ts';
import { certificate } from './certificate.ts';

const TOKEN_WANTED = 'must be a secret of at least 16 printable characters without spaces';
const TOKENS_WANTED = 'must be a list of secrets';
const HOST_WANTED = 'must be a host name such as "fairlead.example.internal"';

const auth = mapping('Who may use the admin listener: one of tokens and clientCa.', {
  tokens: z
    .array(z.string({ error: TOKEN_WANTED }).regex(/^[!-~]{16,}$/, { error: TOKEN_WANTED }), {
      error: TOKENS_WANTED,
    })
    .min(1, { error: TOKENS_WANTED })
    .optional()
    .meta({ description: 'Bearer tokens; several while one is replaced.', writeOnly: true }),
  clientCa: path(
    'Authorities of client certificates, in PEM. Needs "certificate" beside "auth".',
  ).optional(),
});

export const admin = mapping('Health, readiness, metrics, and what can be asked of the gateway.', {
  listen: listenAddress(
    'Port or "address:port" of the admin listener. Not on the loopback it needs "auth".',
    DEFAULTS.adminListen,
  ).optional(),
  health: listenAddress(
    'Port or "address:port" that serves only /healthz and /readyz, for probes. Default: none.',
  ).optional(),
  metrics: z.boolean({ error: 'must be true or false' }).optional().meta({
    description: 'true: "health" serves /metrics too.',
    byDefault: DEFAULTS.healthMetrics,
  }),
  certificate: certificate.optional().meta({
    description: 'The admin listener speaks TLS with this certificate. Default: plain HTTP.',
  }),
  auth: auth.optional(),
  hosts: z
    .array(z.string({ error: HOST_WANTED }).regex(/^[a-z0-9.-]+$/i, { error: HOST_WANTED }), {
      error: 'must be a list of host names',
    })
    .optional()
    .meta({
      description: 'Names under which the admin listener answers, beside addresses and localhost.',
    }),
});
