import type { JsonSchema } from './json-schema-data.ts';
import type { Path, SourceNode } from '../source/source.ts';

/**
 * Answers two questions about a place in a policy from its JSON Schema: which keys are known there, and
 * whether its value is a path or a secret. One mechanism for the core's schema and for every plugin's,
 * whatever library the plugin uses. A path has `path: true` or `format: "path"`, a secret has
 * `secret: true` or `writeOnly: true`; in zod they are written with `.meta(…)`.
 */
export type Mark = 'path' | 'secret' | 'secretUrl';

/** Whether the value is never shown. A `secretUrl` (`format: "uri"`) has a scheme of its own. */
export function isSecretMark(mark: Mark | undefined): boolean {
  return mark === 'secret' || mark === 'secretUrl';
}

/**
 * What the file at a path is, when the schema says it with `holds`: the core reads it then, and complains of
 * one that is something else, does not fit, or has expired.
 */
export type Holding = 'authorities' | 'certificate' | 'privateKey';
const HOLDINGS: readonly unknown[] = [
  'authorities',
  'certificate',
  'privateKey',
] satisfies Holding[];

/** A schema refers to itself at most so deep before the walk gives up. */
const MAX_DEPTH = 32;

/** Keys that a mapping at `path` may have. */
export function knownKeys(root: JsonSchema, path: Path): string[] {
  const keys = placesAt(root, path).flatMap((place) => Object.keys(recordOf(place['properties'])));
  return [...new Set(keys)];
}

/** What the file is whose path stands at `path`; undefined when the schema does not say. */
export function holdingAt(root: JsonSchema, path: Path): Holding | undefined {
  const holdings = placesAt(root, path).map((place) => place['holds']);
  return holdings.find((holding) => HOLDINGS.includes(holding)) as Holding | undefined;
}

/** The schemas that govern a place. */
function placesAt(root: JsonSchema, path: Path): readonly JsonSchema[] {
  let places = placesOfRoot(root);
  for (const key of path) places = stepsInto(root, places, key);
  return places;
}

/** Marks of all scalars below `node`, by node. */
export function marksBelow(root: JsonSchema, node: SourceNode): ReadonlyMap<SourceNode, Mark> {
  const marks = new Map<SourceNode, Mark>();
  mark(root, placesOfRoot(root), node, marks);
  return marks;
}

function mark(
  root: JsonSchema,
  places: readonly JsonSchema[],
  node: SourceNode,
  marks: Map<SourceNode, Mark>,
): void {
  // Nothing more specific is said below a secret mapping or list: all of it is secret.
  if (places.some(isSecret)) {
    markAll(node, places.some(isUrl) ? 'secretUrl' : 'secret', marks);
  } else if (node.kind === 'scalar') {
    if (places.some(isPath)) marks.set(node, 'path');
  } else if (node.kind === 'map') {
    for (const [key, entry] of node.entries) {
      mark(root, stepsInto(root, places, key), entry.node, marks);
    }
  } else {
    for (const [index, item] of node.items.entries()) {
      mark(root, stepsInto(root, places, index), item, marks);
    }
  }
}

function isSecret(place: JsonSchema): boolean {
  return place['secret'] === true || place['writeOnly'] === true;
}

function isUrl(place: JsonSchema): boolean {
  return place['format'] === 'uri';
}

function isPath(place: JsonSchema): boolean {
  return place['path'] === true || place['format'] === 'path';
}

function markAll(node: SourceNode, secret: Mark, marks: Map<SourceNode, Mark>): void {
  if (node.kind === 'scalar') marks.set(node, secret);
  else if (node.kind === 'list') for (const item of node.items) markAll(item, secret, marks);
  else for (const entry of node.entries.values()) markAll(entry.node, secret, marks);
}

/** A set has one key in ten thousand routes; a schema never changes, so its places are found once. */
const roots = new WeakMap<JsonSchema, readonly JsonSchema[]>();
const steps = new WeakMap<readonly JsonSchema[], Map<string, readonly JsonSchema[]>>();

function placesOfRoot(root: JsonSchema): readonly JsonSchema[] {
  const known = roots.get(root) ?? flatten(root, root);
  roots.set(root, known);
  return known;
}

/** The schemas that govern a child. */
function stepsInto(
  root: JsonSchema,
  places: readonly JsonSchema[],
  key: string | number,
): readonly JsonSchema[] {
  const below = steps.get(places) ?? new Map<string, readonly JsonSchema[]>();
  steps.set(places, below);
  const name = stepName(places, key);
  const known = below.get(name) ?? places.flatMap((place) => stepInto(root, place, key));
  below.set(name, known);
  return known;
}

/** Keys that lead to the same place have one name: those that the operator chooses, items of a list. */
function stepName(places: readonly JsonSchema[], key: string | number): string {
  if (typeof key === 'number') return places.some(hasFixedItems) ? `[${key}]` : '[]';
  const isKnown = places.some((place) => Object.hasOwn(recordOf(place['properties']), key));
  return isKnown ? `.${key}` : '*';
}

function hasFixedItems(place: JsonSchema): boolean {
  return Array.isArray(place['prefixItems']);
}

function stepInto(root: JsonSchema, place: JsonSchema, key: string | number): JsonSchema[] {
  if (typeof key === 'number') {
    const fixed = Array.isArray(place['prefixItems']) ? place['prefixItems'][key] : undefined;
    return flatten(root, fixed ?? place['items']);
  }
  const properties = recordOf(place['properties']);
  if (Object.hasOwn(properties, key)) return flatten(root, properties[key]);
  return flatten(root, place['additionalProperties']);
}

/** A schema together with all it refers to and all its alternatives. */
function flatten(root: JsonSchema, schema: unknown, depth = 0): JsonSchema[] {
  if (typeof schema !== 'object' || schema === null || depth > MAX_DEPTH) return [];
  const place = schema as JsonSchema;
  const others = ['anyOf', 'oneOf', 'allOf'].flatMap((word) =>
    Array.isArray(place[word]) ? (place[word] as unknown[]) : [],
  );
  if (typeof place['$ref'] === 'string') others.push(resolveReference(root, place['$ref']));
  return [place, ...others.flatMap((other) => flatten(root, other, depth + 1))];
}

function resolveReference(root: JsonSchema, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined;
  let place: unknown = root;
  for (const step of reference.slice(1).split('/').slice(1)) {
    place = recordOf(place)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return place;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
