import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { builtInCatalogue } from '../../../src/app/load/load-policy-set.ts';
import { coreSchemaJson, knownKeys, optionsSchemaJson } from '../../../src/policy/schema/schema.ts';

const PAGE = readFileSync(
  join(import.meta.dirname, '../../../docs/design/policy-language.md'),
  'utf8',
);
const ISSUES = [
  'Limits',
  'Machines',
  'Seen and loaded',
  'Fast and wide',
  'HTTP/2 of our own',
  'Shipped',
];
const plugins = await builtInCatalogue();

type Keys = readonly string[];

/** The keys of a text that the schema does not have; names that the operator chooses are none. */
function unknownIn(value: unknown, path: Keys, plugin?: string): readonly Keys[] {
  if (Array.isArray(value)) return value.flatMap((item) => unknownIn(item, path, plugin));
  if (typeof value !== 'object' || value === null) return [];
  const named = path[0] === 'providers' && path.length === 2 ? pluginOf(value) : plugin;
  return Object.entries(value).flatMap(([key, inner]): readonly Keys[] => {
    const below = [...path, key];
    return isKnown(below, named) ? unknownIn(inner, below, named) : [below];
  });
}

function pluginOf(provider: object): string | undefined {
  return 'plugin' in provider ? String(provider.plugin) : undefined;
}

function isKnown(path: Keys, plugin: string | undefined): boolean {
  const [above, key] = [path.slice(0, -1), path.at(-1)!];
  const options = plugin === undefined ? undefined : plugins.find(plugin);
  const known = knownKeys(coreSchemaJson(), above);
  if (path[0] === 'providers' && path.length > 2) {
    const own = options === undefined ? [] : knownKeys(optionsSchemaJson(options), above.slice(2));
    return [...known, ...own].includes(key);
  }
  return known.length === 0 || known.includes(key);
}

/** `routes.app.paths./x.auth` as the tables have it: `routes.X.auth` of a path, too. */
function asWritten([block, name, ...rest]: Keys): string {
  const isNamed = name !== undefined && NAMED.has(block!);
  const inPath = block === 'routes' && rest[0] === 'paths' ? rest.slice(2) : rest;
  return [block, isNamed ? 'X' : name, ...inPath].filter((step) => step !== undefined).join('.');
}

const NAMED = new Set(['services', 'providers', 'tiers', 'profiles', 'routes']);

/** Rows of the last section: what stands in code in the first column, and the issue. */
const LATER = PAGE.slice(PAGE.indexOf('## 9. '))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [, keys = '', issue = ''] = line.split('|');
    const [first = '', ...options] = [...keys.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);
    const [key = '', plugin] = first.split(': ');
    return {
      keys: [key, ...options.map((option) => `providers.X.${option}`)],
      plugin,
      issue: issue.trim(),
    };
  });

const laterKeys = new Set(LATER.flatMap(({ keys }) => keys));
const blocks = [...PAGE.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text!);

test('every key of the examples is in the schema, or of a later issue', () => {
  const unknown = blocks
    .flatMap((block) => unknownIn(parse(block), []))
    .map(asWritten)
    .filter((key) => !laterKeys.has(key));

  assert.ok(blocks.length > 3);
  assert.deepEqual(unknown, []);
});

/** `a.b: { c, d }` of the first column of the table of section 8. */
function keysOfTable(): readonly Keys[] {
  const table = PAGE.slice(PAGE.indexOf('## 8. '), PAGE.indexOf('## 9. '));
  const cells = table.split('\n').flatMap((line) => /^\| (.+?[^\\])\|/.exec(line)?.[1] ?? []);
  const spans = cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!));
  const blockNames = new Set(knownKeys(coreSchemaJson(), []));
  return spans.flatMap((span): readonly Keys[] => {
    const [, base = '', inner] = /^([a-zA-Z.]+)(?:: \{ (.*) \})?$/.exec(span) ?? [];
    const path = base.split('.');
    if (!blockNames.has(path[0]!)) return [];
    const below = inner?.split(', ').map((key) => [...path, key.split(':')[0]!]);
    return below ?? [path];
  });
}

test('every key of the table is in the schema', () => {
  const keys = keysOfTable();

  assert.ok(keys.length > 40, `${keys.length}`);
  assert.deepEqual(
    keys.filter((path) => !(path.length === 2 && path[1] === 'X') && !isKnown(path, undefined)),
    [],
  );
});

test('a key of a later issue names an issue, and is not in the schema yet', () => {
  const wrong = LATER.filter(({ keys, plugin, issue }) => {
    const isThere =
      plugin === undefined
        ? keys.some((key) => isKnown(key.split('.'), undefined))
        : plugins.find(plugin) !== undefined;
    return isThere || !ISSUES.includes(issue);
  });

  assert.ok(LATER.length > 3);
  assert.deepEqual(wrong, []);
});

test('a plugin of the examples is built in, or of a later issue', () => {
  const later = new Set(LATER.map(({ plugin }) => plugin));
  const named = blocks.flatMap((block) =>
    [...block.matchAll(/plugin: ([a-z-]+)/g)].map(([, name]) => name!),
  );

  assert.deepEqual(
    named.filter((name) => plugins.find(name) === undefined && !later.has(name)),
    [],
  );
});
