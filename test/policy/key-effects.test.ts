import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { referenceSections } from '../support/policy/reference-page.ts';
import { KEY_EFFECTS } from './key-effects/key-effects.ts';

const TESTS = join(import.meta.dirname, '..');

const wanted = keysOf(await referenceSections());
const entries = Object.entries(KEY_EFFECTS).flatMap(([list, effects]) =>
  Object.entries(effects).flatMap(([file, titles]) =>
    Object.entries(titles).map(([title, keys]) => ({ list, file, title, keys: keys.split(' ') })),
  ),
);

test('every key of the reference names a test that shows what the gateway does by it', () => {
  const shown = new Set(entries.flatMap(({ keys }) => keys));

  assert.deepEqual(
    [...wanted].filter((key) => !shown.has(key)).map((key) => `${key}: ${howToAdd(key)}`),
    [],
  );
});

test('every key that names a test is in the reference', () => {
  const gone = entries.flatMap(({ list, keys }) =>
    keys
      .filter((key) => !wanted.has(key))
      .map((key) => `${key} is no key any more: remove it from test/policy/key-effects/${list}`),
  );

  assert.deepEqual(gone, []);
});

test('every test that a key names exists', async () => {
  const missing = [];
  for (const { list, file, title } of entries) {
    const text = await readFile(join(TESTS, file), 'utf8').catch(() => '');
    const isThere = [`'${title}'`, `"${title}"`, `\`${title}\``].some((each) =>
      text.includes(each),
    );
    if (!isThere) {
      missing.push(`test/${file} has no test '${title}': correct test/policy/key-effects/${list}`);
    }
  }

  assert.deepEqual(missing, []);
});

/** Keys that have a value of their own, each once: what is the same at several places counts for all of them. */
function keysOf(sections: Awaited<ReturnType<typeof referenceSections>>): ReadonlySet<string> {
  const ofRoutes = new Set(sections.find(({ title }) => title === 'routes')!.keys);
  return new Set(
    sections.flatMap(({ title, keys, values }) =>
      keys
        .filter(
          (key) =>
            !/^(list of )?mapping( or `null`)?$/.test(values[keys.indexOf(key)]!) ||
            isLast(key, keys),
        )
        .map((key) => sharedName(title, key, ofRoutes)),
    ),
  );
}

function isLast(key: string, keys: readonly string[]): boolean {
  return !keys.some((other) => other.startsWith(`${key}.`) || other.startsWith(`${key}[]`));
}

function sharedName(title: string, key: string, ofRoutes: ReadonlySet<string>): string {
  const plain = key.replace(/\.not\.\w+$/, '.not');
  const limit = /^(?:overrides\.X\.)?limits\.([\w.]+)$/.exec(plain);
  if (limit !== null && title !== 'gateway') return `limits.${limit[1]}`;
  if (title === 'tiers') return `limits.${plain}`;
  if (['routes', 'profiles', 'paths'].includes(title)) return `rules.${plain}`;
  const ofDefaults = /^defaults\.(.*)$/.exec(plain)?.[1];
  if (title === 'gateway' && ofDefaults !== undefined) {
    return `${ofRoutes.has(key.slice('defaults.'.length)) ? 'rules' : 'services'}.${ofDefaults}`;
  }
  return `${title.replace(': ', '.')}.${plain}`;
}

function howToAdd(key: string): string {
  const [section] = key.split('.') as [string];
  const lists: Record<string, string> = { gateway: 'gateway', network: 'services', tests: 'cases' };
  const list = lists[section] ?? (section in { services: 1, providers: 1 } ? section : 'rules');
  return `write a test of what it changes for a client, and add '<file below test/>': { '<title of the test>': '${key}' } to test/policy/key-effects/${list}.ts`;
}
