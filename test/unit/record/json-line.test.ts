import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isoTime } from '../../../src/record/iso-time.ts';
import { jsonLine } from '../../../src/record/json-line.ts';

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('"', '\\', '\\"', '\u2028', '\u007f', '\r\n', '\ud800', ''),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(undefined),
);

test('a line says in JSON what it was given, on one line, without a control character', () => {
  fc.assert(
    fc.property(fc.record({ a: value, b: value, 'c.d': value }), (fields) => {
      const line = jsonLine('exchange', fields);

      assert.equal(line.at(-1), '\n');
      assert.doesNotMatch(line.slice(0, -1), /\p{Cc}|[\u2028\u2029]/u);
      assert.deepEqual(
        JSON.parse(line),
        JSON.parse(JSON.stringify({ kind: 'exchange', ...fields })),
      );
    }),
    { numRuns: 2_000 },
  );
});

test('a time is written as Date writes it, in whatever order times come', () => {
  const times = fc.oneof(
    fc.integer({ min: 0, max: 4_102_444_800_000 }),
    fc.integer({ min: 1_795_000_000_000, max: 1_795_000_003_000 }),
  );
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 20 }), (all) => {
      for (const time of all) assert.equal(isoTime(time), new Date(time).toISOString());
    }),
  );
});
