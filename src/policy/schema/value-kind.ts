import type { JsonSchema } from './json-schema-data.ts';

/** The alternatives of a place; the place itself where it has none. */
export function alternativesOf(place: JsonSchema): readonly JsonSchema[] {
  const alternatives = place['anyOf'] ?? place['oneOf'];
  if (!Array.isArray(alternatives)) return [place];
  return (alternatives as JsonSchema[]).flatMap(alternativesOf);
}

/** What may stand at a place, in the words of a table: `duration`, `list of path`. */
export function kindOf(place: JsonSchema): string {
  if (typeof place['title'] === 'string') return place['title'];
  const kinds = new Set(alternativesOf(place).flatMap(kindsOf));
  // A bigint beside numbers is for the reader of numbers beyond 2^53 only.
  if (kinds.has('number')) kinds.delete('whole number');
  return orList([...kinds]);
}

function kindsOf(place: JsonSchema): readonly string[] {
  if (typeof place['title'] === 'string') return [place['title']];
  if (Array.isArray(place['enum'])) return place['enum'].map(code);
  if (place['const'] !== undefined) return [code(place['const'])];
  return place['type'] === 'boolean' ? ['`true`', '`false`'] : [plainKind(place)];
}

function plainKind(place: JsonSchema): string {
  switch (place['type']) {
    case 'null':
      return '`null`';
    case 'integer':
      return `whole number${boundsOf(place['minimum'], place['maximum'])}`;
    case 'number':
      return 'number';
    case 'string':
      return `${textKind(place)}${secretMark(place)}`;
    case 'array':
      return `list of ${bracketed(kindOf(itemsOf(place)))}${secretMark(place)}`;
    case 'object':
      return mappingKind(place);
    default:
      return 'any value';
  }
}

function textKind(place: JsonSchema): string {
  if (place['format'] === 'uri') return 'URL';
  return isPath(place) ? 'path' : 'text';
}

function secretMark(place: JsonSchema): string {
  return place['secret'] === true || place['writeOnly'] === true ? ' (secret)' : '';
}

function isPath(place: JsonSchema): boolean {
  return place['path'] === true || place['format'] === 'path';
}

function mappingKind(place: JsonSchema): string {
  const values = valuesOf(place);
  if (place['properties'] !== undefined || values === undefined) return 'mapping';
  const isOfMappings = alternativesOf(values).some((value) => value['type'] === 'object');
  return isOfMappings ? 'mapping' : `mapping from names to ${bracketed(kindOf(values))}`;
}

/** What the values of a mapping with free keys have to be. */
export function valuesOf(place: JsonSchema): JsonSchema | undefined {
  const values = place['additionalProperties'];
  const isSchema = typeof values === 'object' && values !== null && Object.keys(values).length > 0;
  return isSchema ? (values as JsonSchema) : undefined;
}

export function itemsOf(place: JsonSchema): JsonSchema {
  return (place['items'] ?? {}) as JsonSchema;
}

/** Beyond 2^53 a schema library names its own largest number, which says nothing to an operator. */
function boundsOf(minimum: unknown, maximum: unknown): string {
  if (typeof minimum !== 'number' || typeof maximum !== 'number') return '';
  return maximum === Number.MAX_SAFE_INTEGER ? '' : ` from ${minimum} to ${maximum}`;
}

function bracketed(kind: string): string {
  return kind.includes(' or ') ? `(${kind})` : kind;
}

function orList(choices: readonly string[]): string {
  if (choices.length < 2) return choices.join('');
  return `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

/** A value as it is written in YAML, set as code. */
export function code(value: unknown): string {
  return `\`${yamlText(value)}\``;
}

export function yamlText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(yamlText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${yamlText(inner)}`);
  return `{ ${entries.join(', ')} }`;
}
