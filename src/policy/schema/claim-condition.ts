import { z } from 'zod';
import { compilePattern, MAX_PATTERN } from '../rules/pattern.ts';
import { mapping } from './scalars.ts';

const LITERAL = 'must be a text, a number, or true or false';

const literals = [
  z.string({ error: LITERAL }).min(1, { error: 'must not be empty' }),
  z.number({ error: LITERAL }),
  z.bigint({ error: LITERAL }),
  z.boolean({ error: LITERAL }),
] as const;
const literal = z.union(literals, { error: LITERAL });
const WORD = 'must be one word without spaces, such as "orders.read"';
const word = z.string({ error: WORD }).regex(/^[^\s]+$/, { error: WORD });
const WORDS = 'must be a word or a list of words';
const NUMBER = 'must be a number';
const number = z.union([z.number({ error: NUMBER }), z.bigint({ error: NUMBER })], {
  error: NUMBER,
});
const affix = (description: string) =>
  z
    .string({ error: 'must be a text' })
    .min(1, { error: 'must not be empty' })
    .optional()
    .meta({ description });

const pattern = z
  .string({ error: 'must be a pattern' })
  .superRefine((text, context) => {
    const compiled = compilePattern(text);
    if (compiled.kind === 'wrong')
      context.addIssue({ code: 'custom', message: `must be a pattern: ${compiled.reason}` });
  })
  .optional()
  .meta({
    description: `The whole of a value has this form: a regular expression of RE2 (no look-around, no back-references), at most ${MAX_PATTERN} characters.`,
  });

const several = (description: string) =>
  z
    .array(literal, { error: 'must be a list of values' })
    .min(1, { error: 'must name at least one value' })
    .optional()
    .meta({ description });

const operators = {
  any: several('At least one of these is the value, or among the values of a list.'),
  all: several('Each of these is among the values.'),
  has: z
    .union(
      [word, z.array(word, { error: WORDS }).min(1, { error: 'must name at least one word' })],
      {
        error: WORDS,
      },
    )
    .optional()
    .meta({
      description:
        'Each of these words is in a text of words that spaces separate, such as `scope`; of a list, in any element.',
    }),
  prefix: affix('A value begins with this text.'),
  suffix: affix('A value ends with this text.'),
  pattern,
  min: number.optional().meta({ description: 'A value is a number, and at least this.' }),
  max: number.optional().meta({
    description: 'A value is a number, and at most this; with `min`, the same value.',
  }),
};

const OPERATORS = Object.keys(operators).join(', ');

/** No number is above the greater and below the lesser. */
const refuseEmptyRange = (
  {
    min,
    max,
  }: { readonly min?: number | bigint | undefined; readonly max?: number | bigint | undefined },
  context: z.RefinementCtx,
) => {
  if (min === undefined || max === undefined || min <= max) return;
  context.addIssue({ code: 'custom', path: ['max'], message: 'must be at least `min`' });
};

export const hasMember = (value: object) => Object.values(value).some((each) => each !== undefined);
/** An unknown key is the one complaint where it is all there is. */
export const needs = (error: string) => ({
  error,
  when: ({ issues }: { readonly issues: readonly unknown[] }) => issues.length === 0,
});

/** The operand of `not`: one level, so that nobody has to count negations. */
const negated = z.union(
  [
    ...literals,
    mapping('Operators that must not all hold.', operators)
      .refine(hasMember, needs(`must have one of ${OPERATORS}`))
      .superRefine(refuseEmptyRange),
  ],
  { error: `must be a value, or a mapping with one of ${OPERATORS}` },
);

/** What `require.claims` may want of one claim. */
export const condition = z.union(
  [
    ...literals,
    mapping('Operators that must all hold.', {
      ...operators,
      not: negated
        .optional()
        .meta({ description: 'The condition inside is false, or there is no such claim.' }),
    })
      .refine(hasMember, needs(`must have one of ${OPERATORS}, not`))
      .superRefine(refuseEmptyRange),
  ],
  { error: `must be a value, or a mapping with one of ${OPERATORS}, not` },
);

export type ConditionInput = z.output<typeof condition>;
