import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { FAULTS } from '../../../src/core/errors.ts';
import { REFUSALS } from '../../../src/core/refusal.ts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

for (const [code, [status]] of Object.entries(REFUSALS)) {
  test(`docs/errors.md describes the refusal ${code} with its status`, () => {
    assert.match(page, new RegExp(`^\\| \`${code}\` +\\| ${status} +\\|`, 'm'));
  });
}

for (const [code, status] of Object.entries(FAULTS)) {
  test(`docs/errors.md describes the fault ${code} with its status`, () => {
    assert.match(page, new RegExp(`^\\| \`${code}\` +\\| ${status}( |\\()`, 'm'));
  });
}
