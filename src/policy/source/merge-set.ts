import type { Finding } from '../issues/issue.ts';
import { placeText, startOf } from '../issues/issue.ts';
import type { ParsedFile } from './parse-file.ts';
import type { MapEntry, MapNode, SourceNode } from './source.ts';
import { isNull } from './source.ts';

/** Kinds whose names may come from any file of the set. */
const NAMED = new Set(['services', 'providers', 'tiers', 'routes']);

export interface MergedSet {
  readonly root: MapNode;
  readonly findings: readonly Finding[];
}

/**
 * Makes one tree of all files. A name is defined once in the set, `gateway`, `network` and `tenants` are;
 * `version` may stand in each file, and so may `tests`, whose cases are put one after the other. `files` must not be empty.
 */
export function mergeSet(files: readonly ParsedFile[]): MergedSet {
  const merged = new Map<string, MapEntry>();
  const findings: Finding[] = [];
  for (const { root } of files) {
    if (root === undefined) continue;
    if (root.kind !== 'map') {
      const message = 'a policy file must be a mapping of keys such as "routes:"';
      findings.push({ code: 'E008', message, at: { ...root.span, end: root.span.start } });
      continue;
    }
    for (const [key, entry] of root.entries) mergeEntry(merged, key, entry, findings);
  }
  return { root: { kind: 'map', entries: merged, span: startOf(files[0]!.file) }, findings };
}

function mergeEntry(
  merged: Map<string, MapEntry>,
  key: string,
  entry: MapEntry,
  findings: Finding[],
): void {
  const first = merged.get(key);
  if (first === undefined) {
    merged.set(key, entry);
    return;
  }
  // Every file may say its version; a wrong one must not hide behind a right one.
  if (key === 'version') {
    if (isSameScalar(first.node, entry.node)) return;
    findings.push(twice([key], entry, first, 'says another version than'));
  } else if (key === 'tests' && first.node.kind === 'list' && entry.node.kind === 'list') {
    const items = [...first.node.items, ...entry.node.items];
    merged.set(key, { key: first.key, node: { ...first.node, items } });
  } else if (NAMED.has(key) && first.node.kind === 'map' && entry.node.kind === 'map') {
    merged.set(key, { key: first.key, node: mergeNames(key, first.node, entry.node, findings) });
  } else if (!(NAMED.has(key) && isNull(entry.node))) {
    findings.push(twice([key], entry, first));
  }
}

function mergeNames(kind: string, first: MapNode, second: MapNode, findings: Finding[]): MapNode {
  const entries = new Map(first.entries);
  for (const [name, entry] of second.entries) {
    const earlier = entries.get(name);
    if (earlier === undefined) entries.set(name, entry);
    else findings.push(twice([kind, name], entry, earlier));
  }
  return { ...first, entries };
}

function twice(path: string[], entry: MapEntry, first: MapEntry, verb?: string): Finding {
  const name = path.join('.');
  const message =
    verb === undefined
      ? `${name} is defined twice; it is already defined at ${placeText(first.key)}`
      : `${name} ${verb} ${placeText(first.key)}`;
  return { code: 'E110', message, path, at: entry.key };
}

function isSameScalar(a: SourceNode, b: SourceNode): boolean {
  return a.kind === 'scalar' && b.kind === 'scalar' && a.value === b.value;
}
