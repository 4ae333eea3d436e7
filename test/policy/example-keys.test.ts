import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMap, isPair, isScalar, parseDocument, visit } from 'yaml';
import type { Document } from 'yaml';
import { exampleSets } from '../support/policy/example-sets.ts';
import { referenceSections } from '../support/policy/reference-page.ts';

const sets = await exampleSets();

/** Keys without which the same is compiled, and why. */
const SAME = new Set([
  'gateway.defaults.auth', // the routes of the set have their own
  'tenants.anonymous.id', // there is one value, which is the default
  // The default where there is a store; the example of routes has the other value.
  'tenants.overrides.acme.limits.shared',
  'tiers.metered.shared',
  'profiles.staff.limits.shared',
]);

type Keys = readonly string[];

/** The path of every key that has no mapping below it. */
function leavesOf(document: Document): readonly Keys[] {
  const found: Keys[] = [];
  visit(document, {
    Pair(_, pair, ancestors) {
      if (isMap(pair.value) && pair.value.items.length > 0) return;
      const above = ancestors.flatMap((node, at) => {
        if (isPair(node)) return [String(isScalar(node.key) ? node.key.value : node.key)];
        const below = ancestors[at + 1];
        return 'items' in (node as object) && !isMap(node)
          ? [String((node as { items: unknown[] }).items.indexOf(below ?? pair))]
          : [];
      });
      found.push([...above, String(isScalar(pair.key) ? pair.key.value : pair.key)]);
    },
  });
  return found;
}

/** What a loaded set is made of, without where it is written; undefined: it does not load. */
async function snapshotOf(title: string, example: string, changed?: string) {
  const { set, root } = await sets.load(title, example, changed);
  if (set.kind !== 'ok') return undefined;
  const { hash: _ofTheText, ...snapshot } = set.snapshot;
  return JSON.stringify(snapshot, asPlain)?.replaceAll(root, '');
}

function asPlain(key: string, value: unknown): unknown {
  if (['position', 'origins'].includes(key)) return undefined;
  if (typeof value === 'function') return `[${value.toString().length}]`;
  if (typeof value === 'bigint') return `${value}n`;
  return value instanceof Map || value instanceof Set ? [...value] : value;
}

for (const { title, examples } of await referenceSections()) {
  for (const [index, example] of examples.entries()) {
    test(`each key of example ${index + 1} of "${title}" changes what is compiled`, async () => {
      const whole = await snapshotOf(title, example);
      assert.ok(whole !== undefined);

      const without: string[] = [];
      for (const path of leavesOf(parseDocument(example))) {
        const document = parseDocument(example);
        document.deleteIn(path);
        const left = await snapshotOf(title, example, document.toString());
        if (left === whole) without.push(path.join('.'));
      }

      assert.deepEqual(
        without.filter((key) => !SAME.has(key)),
        [],
      );
    });
  }
}
