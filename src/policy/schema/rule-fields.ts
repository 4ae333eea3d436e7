import { z } from 'zod';
import { described } from './default-text.ts';
import type { Joining } from './joining.ts';
import { route } from './route.ts';
import { yamlText } from './value-kind.ts';

/** One thing that a rule says: a line of the schema of routes. */
export interface RuleField {
  /** `auth`, `timeout.total`, `headers.identity`. */
  readonly name: string;
  /** The same, in keys below a route or a path. */
  readonly path: readonly string[];
  readonly joining: Joining;
  /** As an operator would write it; undefined: nothing. */
  readonly byDefault: string | undefined;
}

/** Keys of a route that say which requests it takes, or where else to look, and not what holds for them. */
const CHOOSING: ReadonlySet<string> = new Set(['host', 'paths', 'passthrough', 'use']);

/** All that holds for a request, read from the schema: a new line there is a new field here. */
export const RULE_FIELDS: readonly RuleField[] = fieldsBelow(route, []).filter(
  ({ path }) => !CHOOSING.has(path[0]!),
);

/** A mapping that says nothing of how it joins has a field for each of its keys. */
function fieldsBelow(schema: z.ZodObject, above: readonly string[]): readonly RuleField[] {
  return Object.entries(schema.shape).flatMap(([key, value]) =>
    fieldsAt(value as z.ZodType, [...above, key]),
  );
}

function fieldsAt(schema: z.ZodType, path: readonly string[]): readonly RuleField[] {
  const { joins, byDefault, description } = schema.meta() ?? {};
  // One that is computed, or that is no value, stands in the description: `Default: no limit.`
  const said = described({ description }).byDefault;
  const text = byDefault === undefined ? said : yamlText(byDefault);
  const field = { name: path.join('.'), path, byDefault: text };
  if (joins !== undefined) return [{ ...field, joining: joins as Joining }];
  const bare = unwrapped(schema);
  if (bare instanceof z.ZodRecord) return [{ ...field, joining: 'names' }];
  return bare instanceof z.ZodObject ? fieldsBelow(bare, path) : [{ ...field, joining: 'last' }];
}

function unwrapped(schema: z.ZodType): z.ZodType {
  let bare = schema;
  while (bare instanceof z.ZodOptional || bare instanceof z.ZodNullable) {
    bare = bare.unwrap() as z.ZodType;
  }
  return bare;
}
