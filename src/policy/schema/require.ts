import { z } from 'zod';
import { parseClaimKey } from '../rules/claim-path.ts';
import { mapping, seconds } from './scalars.ts';

const LITERAL = 'must be a text, a number, or true or false';
const CLAIM = `must be a claim such as "groups", "realm_access.roles" or '["https://x/y"]'`;
const ACR = 'must be one acr value of printable ASCII without spaces, quotes and backslashes';

const literals = [
  z.string({ error: LITERAL }).min(1, { error: 'must not be empty' }),
  z.number({ error: LITERAL }),
  z.bigint({ error: LITERAL }),
  z.boolean({ error: LITERAL }),
] as const;
const literal = z.union(literals, { error: LITERAL });
const several = (description: string) =>
  z
    .array(literal, { error: 'must be a list of values' })
    .min(1, { error: 'must name at least one value' })
    .optional()
    .meta({ description });

const operators = {
  any: several('At least one of these is the value, or among the values of a list.'),
  all: several('Each of these is among the values.'),
  prefix: z
    .string({ error: 'must be a text' })
    .min(1, { error: 'must not be empty' })
    .optional()
    .meta({ description: 'A value begins with this text.' }),
};

const hasMember = (value: object) => Object.values(value).some((each) => each !== undefined);
/** An unknown key is the one complaint where it is all there is. */
const needs = (error: string) => ({
  error,
  when: ({ issues }: { readonly issues: readonly unknown[] }) => issues.length === 0,
});

/** The operand of `not`: one level, so that nobody has to count negations. */
const negated = z.union(
  [
    ...literals,
    mapping('Operators that must not all hold.', operators).refine(
      hasMember,
      needs('must have one of any, all, prefix'),
    ),
  ],
  { error: 'must be a value, or a mapping with any, all or prefix' },
);

const condition = z.union(
  [
    ...literals,
    mapping('Operators that must all hold.', {
      ...operators,
      not: negated
        .optional()
        .meta({ description: 'The condition inside is false, or there is no such claim.' }),
    }).refine(hasMember, needs('must have one of any, all, not, prefix')),
  ],
  { error: 'must be a value, or a mapping with any, all, not or prefix' },
);

const claimKey = z.string().refine((text) => parseClaimKey(text) !== undefined, { error: CLAIM });

/** No `null` here: what a route requires, nothing but `auth: public` takes back. */
export const require = mapping('What the identity must have; a path adds to its route.', {
  claims: z
    .record(claimKey, condition, { error: 'must be a mapping of claims' })
    .refine(hasMember, needs('must name at least one claim'))
    .optional()
    .meta({
      description:
        'Claim → value, or { any: [...] }, { all: [...] }, { not: … }, { prefix: … }. A list matches if any element does.',
    }),
  acr: z
    .string({ error: ACR })
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/, { error: ACR })
    .optional()
    .meta({ description: 'Authentication context class that the login must have.' }),
  maxAge: seconds('How long ago the person may have logged in at the provider.').optional(),
})
  .refine(hasMember, needs('must have one of acr, maxAge, claims'))
  .optional();

export type RequireInput = NonNullable<z.output<typeof require>>;
export type ConditionInput = z.output<typeof condition>;
