import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { keyTuple } from '../../../src/core/key-tuple.ts';

test('gives different keys to different parts', () => {
  const parts = fc.array(fc.string({ unit: fc.constantFrom('a', ':', '1', '2'), maxLength: 6 }), {
    maxLength: 4,
  });

  fc.assert(
    fc.property(parts, parts, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      assert.equal(keyTuple(...one) === keyTuple(...other), isSame);
    }),
    { numRuns: 2000 },
  );
});
