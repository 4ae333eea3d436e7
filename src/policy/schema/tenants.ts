import { z } from 'zod';
import { limitsOverride } from './limits.ts';
import { claimPath, mapping, reference } from './scalars.ts';

const tier = (description: string) => reference(description, 'must be the name of a tier');

export const tenants = mapping('Who the tenant of a request is, and which tier it has.', {
  id: claimPath('Where the tenant id comes from. Default: issuer and subject.').optional(),
  tier: mapping('The tier of a tenant.', {
    from: claimPath('Claim that names the tier.').optional(),
    default: tier('Tier when no claim names one.').optional(),
  }).optional(),
  anonymous: mapping('Requests without an identity.', {
    id: z.literal('client.ip', { error: 'must be "client.ip"' }).optional().meta({
      description: 'What tells them apart: the address of the client (IPv6 by /64).',
      byDefault: 'client.ip',
    }),
    tier: tier('Their tier.').optional(),
  }).optional(),
  overrides: z
    .record(
      z.string(),
      mapping('What differs for one tenant.', {
        tier: tier('Its tier.').optional(),
        limits: limitsOverride.optional(),
      }),
      { error: 'must be a mapping of tenants' },
    )
    .optional()
    .meta({ description: 'Exceptions for single tenants, by tenant id.' }),
}).meta({
  examplesInYaml: [
    `id: identity.claims.org
tier: { from: identity.claims.plan, default: free }
anonymous: { id: client.ip, tier: free }
overrides:
  acme: { tier: gold, limits: { rate: 2000/s, burst: 4000, quota: { amount: 5000000, per: month, zone: Asia/Tokyo }, concurrent: 800, connections: 400, mode: shadow, algorithm: strict, whenDown: open, shared: true } }
  films: { limits: { bandwidth: 20MiB/s } }`,
  ],
});
