import { isPublic } from './auth-names.ts';
import {
  defaultsLevel,
  isPassthrough,
  pathLevel,
  routeLevel,
  serviceLevel,
  saysSomething,
  withProfiles,
} from './levels.ts';
import type { Level, LevelKind, Scope } from './levels.ts';
import { nearestFields } from './nearest-fields.ts';
import { WHOLE_HOST } from './path-pattern.ts';
import { RULE_FIELDS } from '../schema/schema.ts';
import type { RuleField } from '../schema/schema.ts';
import type { MapEntry, MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, entriesOf, isNull, textOf } from '../source/source.ts';

/**
 * What holds where a request can end: one path of a route, or the route itself, where it says what becomes of
 * requests (`service`) and no path says `/**`. Made of `gateway.defaults`, the profiles of the route in the order
 * of `use`, the route, the profiles of the path and the path, and the one place that knows how they join:
 *
 * - The last level that says a field holds; a mapping joins key by key, names of header fields in either case.
 * - `headers.request` and `headers.response`: of one name the nearest level wins, whether it sets, adds or removes.
 * - `null` sets a field, or all below a mapping, back to what `gateway.defaults` says.
 * - `timeout`: a service says it for its requests, above `gateway.defaults` and below everything else.
 * - `require` and `limits`: what each level says holds. `auth: public` asks nobody, so it drops `require`; a
 *   `null` drops what the profiles of the same route or path say.
 */
export interface EffectiveRule {
  readonly route: string;
  /** As written; `/**` for the route itself. */
  readonly path: string;
  /** Where the path is written; undefined: the route itself. */
  readonly own: MapEntry | undefined;
  /** What it is made of, outer ones first. */
  readonly levels: readonly Level[];
  /** By the name of the field (`timeout.total`), in the order of the schema. One that no level says is not there. */
  readonly fields: ReadonlyMap<string, EffectiveField>;
}

export interface EffectiveField {
  /** What holds, outer levels first. Empty: the default that is built in. */
  readonly said: readonly Said[];
  /** The `null` after which nothing was said. */
  readonly reset: Said | undefined;
}

/** A value of the set, where it is written, and by which level. */
export interface Said {
  readonly level: LevelKind;
  readonly scope: Scope;
  readonly path: Path;
  readonly node: SourceNode;
}

/** The rules of every route that reads HTTP, by route, in the order of the set. */
export function effectiveRules(root: MapNode): ReadonlyMap<string, readonly EffectiveRule[]> {
  const routes = entriesOf(childOf(root, 'routes')).filter(([, { node }]) => !isPassthrough(node));
  const outer = { root, defaults: defaultsLevel(root), profiles: childOf(root, 'profiles') };
  return new Map(routes.map(([name, { node }]) => [name, rulesOfRoute(name, node, outer)]));
}

/** What holds of a field that one level at most decides; undefined: its default. */
export function lastOf(rule: EffectiveRule, field: string): Said | undefined {
  return fieldOf(rule, field).said.at(-1);
}

/** Throws for a name that the schema does not have. */
export function fieldOf({ fields }: EffectiveRule, name: string): EffectiveField {
  const field = fields.get(name);
  if (field !== undefined) return field;
  if (NAMES.has(name)) return NOTHING;
  throw new Error(`a rule has no field ${name}`);
}

interface Outer {
  readonly root: MapNode;
  readonly defaults: Level;
  readonly profiles: SourceNode | undefined;
}

function rulesOfRoute(
  route: string,
  node: SourceNode,
  { root, defaults, profiles }: Outer,
): readonly EffectiveRule[] {
  const outer = [defaults, ...withProfiles(routeLevel(route, node), profiles)];
  const paths = entriesOf(childOf(node, 'paths'));
  const rules = paths.map(([path, own]): EffectiveRule => {
    const levels = [...outer, ...withProfiles(pathLevel(route, path, own), profiles)];
    return { route, path, own, levels, fields: fieldsOf(levels, root) };
  });
  const isWhole = paths.length === 0 || outer.some(hasTarget);
  if (!isWhole || paths.some(([path]) => path === WHOLE_HOST)) return rules;
  const whole = { route, path: WHOLE_HOST, own: undefined, levels: outer };
  return [...rules, { ...whole, fields: fieldsOf(outer, root) }];
}

/** A route that leaves it to its paths what becomes of a request takes those paths alone. */
function hasTarget({ node }: Level): boolean {
  return TARGETS.some((key) => saysSomething(childOf(node, key)));
}

/** Where requests end: at a service, or at an answer of the policy. */
export const TARGETS = ['service', 'redirect', 'respond'] as const;
export type Target = (typeof TARGETS)[number];

/** Of the three the one that the innermost level says; undefined: none does. */
export function targetOf(rule: EffectiveRule): Target | undefined {
  for (const { node } of rule.levels.toReversed()) {
    const target = TARGETS.find((key) => {
      const said = lastOf(rule, key)?.node;
      return said !== undefined && said === childOf(node, key);
    });
    if (target !== undefined) return target;
  }
  return undefined;
}

const NOTHING: EffectiveField = { said: [], reset: undefined };
const NAMES: ReadonlySet<string> = new Set(RULE_FIELDS.map(({ name }) => name));

function fieldsOf(levels: readonly Level[], root: MapNode): ReadonlyMap<string, EffectiveField> {
  const withService = insertService(levels, root);
  // A set may have ten thousand rules, and each says few of the fields.
  const keys = new Set(withService.flatMap(({ node }) => keysOf(node)));
  const fields = new Map<string, EffectiveField>();
  for (const field of RULE_FIELDS) {
    if (!keys.has(field.path[0]!)) continue;
    const asked = field.path[0] === 'timeout' ? withService : levels;
    const joined = JOIN[field.joining](asked, field);
    if (joined.said.length > 0 || joined.reset !== undefined) fields.set(field.name, joined);
  }
  if (isPublic(fields.get('auth')?.said[0]?.node)) fields.delete('require');
  if (keys.has('headers')) settleFields(fields, levels);
  return fields;
}

function keysOf(node: SourceNode | undefined): readonly string[] {
  return node?.kind === 'map' ? [...node.entries.keys()] : [];
}

/** Farther from the request than its route, and nearer than `gateway.defaults`. */
function insertService(levels: readonly Level[], root: MapNode): readonly Level[] {
  const said = levels.findLast(({ node }) => textOf(childOf(node, 'service')) !== undefined);
  const service = textOf(childOf(said?.node, 'service'));
  if (service === undefined) return levels;
  return [levels[0]!, serviceLevel(root, service), ...levels.slice(1)];
}

type Join = (levels: readonly Level[], field: RuleField) => EffectiveField;

const JOIN: Readonly<Record<RuleField['joining'], Join>> = {
  last: (levels, { path }) => {
    let field = NOTHING;
    let base = NOTHING;
    for (const level of levels) {
      const said = sayingOf(level, path);
      if (said === undefined) continue;
      field = isNull(said.node) ? { ...base, reset: said } : { said: [said], reset: undefined };
      if (level.kind === 'defaults' || level.kind === 'service') base = field;
    }
    return field;
  },
  all: (levels, { path }) => {
    let said: readonly Said[] = [];
    for (const level of levels) {
      const own = sayingOf(level, path);
      if (own === undefined) continue;
      said = isNull(own.node) ? said.filter(({ scope }) => scope !== own.scope) : [...said, own];
    }
    return { said, reset: undefined };
  },
  names: joinNames,
};

/** RFC 9110 5.1: names of fields are compared in either case. */
function joinNames(levels: readonly Level[], { path }: RuleField): EffectiveField {
  let named = new Map<string, Said>();
  let base = new Map<string, Said>();
  let reset: Said | undefined;
  for (const level of levels) {
    const said = sayingOf(level, path);
    if (said === undefined) continue;
    if (isNull(said.node)) [named, reset] = [new Map(base), said];
    for (const { written, step, node } of namesIn(said.node)) {
      const name = written.toLowerCase();
      const own = isNull(node) ? base.get(name) : { ...said, path: [...said.path, step], node };
      if (own === undefined) named.delete(name);
      else named.set(name, own);
    }
    if (level.kind === 'defaults') base = new Map(named);
  }
  return { said: [...named.values()], reset: named.size === 0 ? reset : undefined };
}

/** The keys of a mapping, or the items of a list of names. */
function namesIn(node: SourceNode) {
  if (node.kind === 'list') {
    return node.items.map((item, step) => ({ written: textOf(item) ?? '', step, node: item }));
  }
  return entriesOf(node).map(([written, entry]) => ({ written, step: written, node: entry.node }));
}

/** Of `headers.request` and `headers.response`, whose keys speak of the same names. */
function settleFields(fields: Map<string, EffectiveField>, levels: readonly Level[]): void {
  for (const direction of ['headers.request', 'headers.response']) {
    const [set, add, remove] = FIELD_ACTS.map(
      (act) => fields.get(`${direction}.${act}`)?.said ?? [],
    );
    if (set!.length + add!.length + remove!.length < 2) continue;
    const nearest = nearestFields({ set: set!, add: add!, remove: remove! }, levels);
    for (const act of FIELD_ACTS) {
      const name = `${direction}.${act}`;
      const field = fields.get(name);
      if (field !== undefined) fields.set(name, { ...field, said: nearest[act] });
    }
  }
}

const FIELD_ACTS = ['set', 'add', 'remove'] as const;

/** What a level says of a field: a value, or the `null` at it or above it. */
function sayingOf(
  { kind: level, scope, path: base, node: whole }: Level,
  path: readonly string[],
): Said | undefined {
  let node = whole;
  for (const [depth, key] of path.entries()) {
    node = childOf(node, key);
    if (node === undefined) return undefined;
    if (isNull(node)) return { level, scope, path: [...base, ...path.slice(0, depth + 1)], node };
  }
  return node && { level, scope, path: [...base, ...path], node };
}
