import { z } from 'zod';
import { parseClaimKey } from '../rules/claim-path.ts';
import { condition, hasMember, needs } from './claim-condition.ts';
import { mapping, seconds, text } from './scalars.ts';

const CLAIM = `must be a claim such as "groups", "realm_access.roles" or '["https://x/y"]'`;
const ACR = 'must be one acr value of printable ASCII without spaces, quotes and backslashes';

const claimKey = z.string().refine((key) => parseClaimKey(key) !== undefined, { error: CLAIM });

/** No `null` here: what a route requires, nothing but `auth: public` takes back. */
export const require = mapping('What the identity must have; a path adds to its route.', {
  claims: z
    .record(claimKey, condition, { error: 'must be a mapping of claims' })
    .refine(hasMember, needs('must name at least one claim'))
    .optional()
    .meta({
      description:
        'Claim → value, or a mapping of any, all, has, prefix, suffix, pattern, min, max and not. A list matches if any element does; each operator judges by itself.',
    }),
  acr: z
    .string({ error: ACR })
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/, { error: ACR })
    .optional()
    .meta({ description: 'Authentication context class that the login must have.' }),
  when: text(
    'An expression of CEL that must be true, over identity, tenant and request; an error or a missing field refuses.',
  ).optional(),
  maxAge: seconds('How long ago the person may have logged in at the provider.').optional(),
})
  .refine(hasMember, needs('must have one of acr, maxAge, claims, when'))
  .optional();

export type RequireInput = NonNullable<z.output<typeof require>>;
