import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';
import { FAULTS } from '../../../src/core/errors.ts';
import { REFUSALS } from '../../../src/core/refusal.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/request-path.md'), 'utf8');

/** Of the table of ten files: the file, and what a reader looks for in it. */
const FILES = [...PAGE.matchAll(/^\| \d+ +\| `([^`]+\.ts)` +\| ([^|]+) \|/gm)].map(
  ([, file, names]) => ({
    file: file!,
    names: [...names!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
  }),
);

test('names ten files', () => assert.equal(FILES.length, 10));

for (const { file, names } of FILES) {
  test(`${file} has what the page tells to look for`, () => {
    const source = readFileSync(join(ROOT, file), 'utf8');

    assert.ok(names.length > 0);
    assert.deepEqual(
      names.filter((name) => !new RegExp(`(?<![\\w#])${name}\\b`).test(source)),
      [],
    );
  });
}

test('a file that is named without its folder exists', () => {
  const known = new Set(globSync('{src,plugins}/**/*.ts', { cwd: ROOT }).map((f) => basename(f)));
  const named = [...PAGE.matchAll(/`([\w-]+\.ts)`/g)].map(([, name]) => name!);

  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  );
});

test('the picture has an exit for each status of a refusal and of a fault, and for no other', () => {
  const picture = /```mermaid\n(.*?)```/s.exec(PAGE)![1]!;
  const drawn = [...picture.matchAll(/\(\[([^\]]+)\]\)/g)].flatMap(([, text]) =>
    [...text!.matchAll(/\b\d{3}\b/g)].map(([status]) => Number(status)),
  );
  const refusals = Object.values(REFUSALS).map(([status]) => status as number);
  // A client that is gone (499) gets no answer. A preflight is 204; a browser that must log in gets 302.
  const faults = Object.values(FAULTS).filter((status) => status !== 499);

  const sorted = (statuses: readonly number[]) => [...new Set(statuses)].sort((a, b) => a - b);
  assert.deepEqual(sorted(drawn), sorted([204, 302, ...refusals, ...faults]));
});
