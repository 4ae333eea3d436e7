import { RULE_FIELDS } from '../../policy/schema/schema.ts';
import type { Rule } from '../../policy/snapshot/snapshot.ts';
import { defaultOf } from './places.ts';
import type { UnwrittenValue } from './explanation.ts';

/** Keys of paths and routes are described in one section each; a path's are among the route's. */
const PAGE = 'docs/policy-reference.md#routes';

/** What holds on a rule though no level says it, in the order of the schema. */
export function unwrittenValues({ origins }: Rule): readonly UnwrittenValue[] {
  const written = new Set(origins.map(({ field }) => field));
  const isWritten = (name: string) =>
    written.has(name) || [...written].some((field) => field.startsWith(`${name}.`));
  return RULE_FIELDS.filter(({ name }) => !isWritten(name)).map(({ name }) => ({
    field: name,
    text: defaultOf(name),
    documented: PAGE,
  }));
}
