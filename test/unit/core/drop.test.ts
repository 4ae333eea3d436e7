import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { DROPS } from '../../../src/core/drop.ts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

for (const reason of Object.keys(DROPS)) {
  test(`docs/errors.md describes the drop ${reason}`, () => {
    assert.match(page, new RegExp(`^\\| \`${reason}\` +\\| \\S`, 'm'));
  });
}
