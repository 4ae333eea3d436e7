import type { JsonSchema } from '../../../../src/policy/schema/json-schema-data.ts';
import type { Pick } from './pick.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Left out of what the schema gives: keys that hang on others and are made by hand, with their reasons there. */
export type Skip = (path: readonly string[]) => boolean;

/** A value that a JSON Schema allows, as it says itself: its examples, choices, bounds and required keys. */
export function fromSchema(
  pick: Pick,
  schema: JsonSchema,
  skip: Skip = () => false,
  path: readonly string[] = [],
): Json {
  const place = schema as Place;
  if (place.const !== undefined) return place.const;
  if (place.enum !== undefined) return pick.of(place.enum);
  if (place.examples !== undefined) return pick.of(place.examples);
  const branches = place.anyOf ?? place.oneOf;
  if (branches !== undefined) return fromSchema(pick, pick.of(branches), skip, path);
  switch (place.type) {
    case 'object':
      return objectFrom(pick, place, skip, path);
    case 'array':
      return [fromSchema(pick, place.items ?? {}, skip, path)];
    case 'boolean':
      return pick.once(2);
    case 'integer':
    case 'number':
      return pick.number(place.minimum ?? 0, Math.min(place.maximum ?? 100, 2 ** 31 - 1));
    case 'null':
      return null;
    case undefined:
    default:
      return 'text';
  }
}

interface Place {
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly examples?: readonly Json[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly minProperties?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

function objectFrom(pick: Pick, place: Place, skip: Skip, path: readonly string[]): Json {
  const made: { [key: string]: Json } = {};
  const keys = Object.entries(place.properties ?? {});
  for (const [index, [key, inner]] of keys.entries()) {
    const below = [...path, key];
    const missing = (place.minProperties ?? 0) - Object.keys(made).length;
    const isLast = keys.length - index <= missing;
    const isWanted = isLast || place.required?.includes(key) === true || pick.once(4);
    if (isWanted && !skip(below)) made[key] = fromSchema(pick, inner, skip, below);
  }
  return made;
}

/** The schema of a key, or of the values of a mapping of names. */
export function below(schema: JsonSchema, ...keys: readonly string[]): JsonSchema {
  let place = schema;
  for (const key of keys) {
    const properties = (place['properties'] ?? {}) as Record<string, JsonSchema>;
    const next = (properties[key] ?? place['additionalProperties'] ?? {}) as JsonSchema;
    // Of several forms the mapping, which has the keys.
    place = (next['anyOf'] as readonly JsonSchema[] | undefined)?.[0] ?? next;
  }
  return place;
}
