import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { FAULTS, GatewayError } from '../../../src/core/errors.ts';
import type { FaultCode } from '../../../src/core/errors.ts';
import { REFUSALS } from '../../../src/core/refusal.ts';
import { countsAgainstService } from '../../../src/upstream/outlier-guard.ts';

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

for (const code of Object.keys(FAULTS) as FaultCode[]) {
  test(`docs/errors.md says whether ${code} counts against a service`, () => {
    const word = countsAgainstService(new GatewayError(code)) ? 'yes' : 'no';

    assert.match(page, new RegExp(`^\\| \`${code}\` .*\\| ${word} +\\|$`, 'm'));
  });
}

test('a fault of the network does not count against a service, whatever its code', () => {
  const codes = Object.keys(FAULTS) as FaultCode[];

  const counted = codes.filter((code) =>
    countsAgainstService(new GatewayError(code, { origin: 'network' })),
  );

  assert.deepEqual(counted, []);
});
