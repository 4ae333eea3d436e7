import assert from 'node:assert/strict';
import test from 'node:test';
import {
  authenticatedAt,
  isName,
  readClaims,
  secondsOf,
} from '../../../../src/plugin/kit/claims.ts';
import { DURATION_PATTERN, milliseconds } from '../../../../src/plugin/kit/durations.ts';
import { shown } from '../../../../src/plugin/kit/shown.ts';

const octets = (text: string) => new TextEncoder().encode(text);

test('a name has 1 to 1024 characters and no controls', () => {
  for (const name of ['a', 'Zoë', 'x'.repeat(1024)]) assert.ok(isName(name));
  for (const other of ['', 'a\u0000', 'a\nb', 'x'.repeat(1025), 7, null]) assert.ok(!isName(other));
});

test('claims have exact integers, and are an object in UTF-8 or nothing', () => {
  assert.deepEqual(readClaims(octets('{"id":9007199254740993}')), { id: 9007199254740993n });
  for (const text of ['[]', 'null', '"a"', '{']) assert.equal(readClaims(octets(text)), undefined);
  assert.equal(readClaims(Uint8Array.of(0x7b, 0xff, 0x7d)), undefined);
});

test('a time is a finite number of seconds', () => {
  assert.deepEqual([1.5, 7n, '7', Number.NaN].map(secondsOf), [1.5, 7, undefined, undefined]);
});

test('nobody was authenticated later than now, and without auth_time nobody knows when', () => {
  assert.deepEqual(
    [100, 300, -1, undefined].map((time) => authenticatedAt(time, 200_000)),
    [100_000, 200_000, 0, 0],
  );
});

test('durations are those of the policy', () => {
  const written = ['500ms', '30s', '2m', '1h', '2d'];

  assert.ok(written.every((each) => DURATION_PATTERN.test(each)));
  assert.deepEqual(written.map(milliseconds), [500, 30_000, 120_000, 3_600_000, 172_800_000]);
  assert.ok(!DURATION_PATTERN.test('30 s'));
});

test('what is shown of a value is escaped and cut', () => {
  assert.equal(shown('a"b\n'), String.raw`"a\"b\n"`);
  assert.equal(shown('x'.repeat(100), 5), '"xxxx…');
  assert.equal(shown(undefined), 'nothing');
});
