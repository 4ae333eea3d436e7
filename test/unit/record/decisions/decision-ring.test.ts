import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DecisionRing } from '../../../../src/record/decisions/decision-ring.ts';
import type { DecisionRecord } from '../../../../src/record/decisions/decision-record.ts';
import { cutText } from '../../../../src/record/decisions/decision-record.ts';
import { TextRing } from '../../../../src/record/decisions/text-ring.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('finds a refusal by its id, and nothing by another', () => {
  const ring = new DecisionRing();

  ring.keep(record('A', 'refused'));

  assert.equal((JSON.parse(ring.find('A')!) as DecisionRecord).code, 'no_route');
  assert.equal(ring.find('B'), undefined);
});

test('lists the last refusals, the newest first, and no other decision', () => {
  const ring = new DecisionRing();

  for (const id of ['A', 'B', 'C']) ring.keep(record(id, id === 'B' ? 'allowed' : 'refused'));

  const { kept, refusals } = JSON.parse(ring.refusals()) as {
    kept: number;
    refusals: DecisionRecord[];
  };
  assert.equal(kept, 2);
  assert.deepEqual(
    refusals.map(({ id }) => id),
    ['C', 'A'],
  );
});

test('a flood of refusals leaves the decisions of others', () => {
  const ring = new DecisionRing();
  ring.keep(record('mine', 'allowed'));

  for (let i = 0; i < 6000; i += 1) ring.keep(record(`r${i}`, 'refused'));

  assert.notEqual(ring.find('mine'), undefined);
  assert.equal(ring.find('r0'), undefined);
  assert.notEqual(ring.find('r5999'), undefined);
});

test('100,000 refusals of hostile length stay within count and octets, and memory is flat', () => {
  const ring = new DecisionRing();
  const path = `/${'é'.repeat(600)}`;
  const flood = (count: number) => {
    for (let i = 0; i < count; i += 1) {
      ring.keep({ ...record(`${count}-${i}`, 'refused'), request: requestTo(path) });
    }
  };
  flood(6000);
  collect();
  const before = process.memoryUsage().heapUsed;

  flood(100_000);

  collect();
  const grownMiB = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
  assert.ok(ring.bytes <= 9 * 1024 * 1024, `${ring.bytes} octets`);
  const kept = (JSON.parse(ring.refusals()) as { kept: number }).kept;
  assert.ok(kept <= 5000 && kept > 1000, `${kept} kept`);
  assert.ok(grownMiB < 2, `grew by ${grownMiB} MiB`);
});

test('of decisions that are no refusal at most ten a second are kept', () => {
  const ring = new DecisionRing();

  const kept = Array.from({ length: 1000 }, (_, ms) => ring.isSampled(5000 + ms)).filter(Boolean);

  assert.equal(kept.length, 10);
});

test('the octets of a ring are counted when a text is replaced', () => {
  const ring = new TextRing({ most: 3, mostBytes: 10 });

  ring.add('a', '12345');
  ring.add('a', '1');
  ring.add('b', 'éé');

  assert.equal(ring.bytes, 5);
  ring.add('c', '1234567');
  assert.deepEqual(
    [ring.get('a'), ring.get('b'), ring.get('c')],
    [undefined, undefined, '1234567'],
  );
});

test('a text that is larger than the ring is not kept', () => {
  const ring = new TextRing({ most: 3, mostBytes: 4 });

  ring.add('a', '12345');

  assert.equal(ring.size, 0);
  assert.equal(ring.bytes, 0);
});

function record(id: string, outcome: DecisionRecord['outcome']): DecisionRecord {
  return {
    id,
    time: '2026-01-01T00:00:00.000Z',
    request: requestTo('/'),
    outcome,
    gate: 'route',
    status: 404,
    code: 'no_route',
    providers: [],
    limits: [],
  };
}

function requestTo(path: string): DecisionRecord['request'] {
  return {
    method: 'GET',
    host: 'a.example',
    path: cutText(path),
    version: '1.1',
    client: '192.0.2.1',
  };
}
