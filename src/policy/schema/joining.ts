import type { z } from 'zod';

/**
 * How what several levels say of one field (`gateway.defaults`, route, path) becomes what holds; carried
 * out by `rules/effective-rule.ts`. A line of the schema that says nothing: a mapping joins key by key, of
 * anything else the last level holds.
 */
export type Joining =
  /** The last level that says something. */
  | 'last'
  /** What each level says, all of it. */
  | 'all'
  /** Of each name of a list, or of a mapping whose keys are names, the last level that has it. */
  | 'names';

/** A mapping that is taken whole from the last level that has it. */
export const asWhole = <T extends z.ZodType>(value: T): T => value.meta({ joins: 'last' });

/** What each level says holds, beside what the others say. */
export const allHold = <T extends z.ZodType>(value: T): T => value.meta({ joins: 'all' });

/** A list of names, to which each level adds its own. */
export const byName = <T extends z.ZodType>(value: T): T => value.meta({ joins: 'names' });
