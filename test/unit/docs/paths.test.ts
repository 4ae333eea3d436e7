import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'node:test';

const ROOT = new URL('../../../', import.meta.url);
const PAGES = [
  'docs/request-path.md',
  'docs/architecture.md',
  'CONTRIBUTING.md',
  'test/support/README.md',
];
/** From the root, from src/, or (the map of test/support) from the page and two of its folders. */
const BASES = ['', 'src/', 'test/support/', 'test/support/policy/', 'test/support/contracts/'];

for (const page of PAGES) {
  test(`${page} names files and folders that exist`, () => {
    const text = readFileSync(new URL(page, ROOT), 'utf8');
    const named = [...text.matchAll(/`([a-z][\w-]*(?:\/[\w.-]+)*\/(?:[\w-]+\.[a-z]+)?)`/g)];

    const missing = named
      .map(([, path]) => path!)
      .filter(
        (path) => !BASES.some((base) => existsSync(fileURLToPath(new URL(base + path, ROOT)))),
      );

    assert.deepEqual(missing, []);
  });
}
