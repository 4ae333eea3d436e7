import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { DEADLINES } from '../../../src/core/deadlines.ts';

const root = new URL('../../../', import.meta.url);
const page = readFileSync(new URL('docs/waits.md', root), 'utf8');

for (const [name, ms] of Object.entries(DEADLINES)) {
  test(`${name} is on the page of waits with its default, and the test named there exists`, () => {
    const row = new RegExp(`^\\| \`${name}\` .*$`, 'm').exec(page)?.[0];
    assert.ok(row !== undefined, 'no row');

    const [, , shown, , , where] = row.split('|').map((cell) => cell.trim());
    const [, file, testName] = /^`(.+)`: (.+)$/.exec(where ?? '')!;
    const tests = readFileSync(new URL(file!, root), 'utf8');

    assert.equal(shown, ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`);
    assert.ok(tests.includes(testName!), `${file} has no test "${testName}"`);
  });
}
