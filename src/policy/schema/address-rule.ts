import type { z } from 'zod';
import { addressBlocks, mapping } from './scalars.ts';

/** Which clients may come in, by address: of the gateway, a route, a path, a profile. */
export const addressRule = mapping(
  'Which clients may come in, by address. What gateway, route and path say holds together.',
  {
    allow: addressBlocks('Only these.').optional(),
    deny: addressBlocks('None of these, whatever "allow" says.').optional(),
  },
)
  .refine(({ allow, deny }) => allow !== undefined || deny !== undefined, {
    error: 'must have "allow" or "deny"',
  })
  .meta({ minProperties: 1 });

export type AddressRuleInput = z.output<typeof addressRule>;
