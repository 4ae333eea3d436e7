import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Shedder } from '../../../../src/evaluate/shed/shedder.ts';
import type { SheddingPolicy } from '../../../../src/policy/snapshot/snapshot.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';

const POLICY: SheddingPolicy = {
  eventLoopDelayMs: 200,
  memory: 0.8,
  queue: 100,
  steps: [1, 3],
  priorities: new Map([
    ['free', 3],
    ['gold', 9],
  ]),
};
const CALM = { eventLoopDelayMs: 0, memory: 0.1, queue: 0 };

function scene() {
  const clock = new FakeClock();
  const gauges = { reading: CALM, open: 0 };
  const told = { steps: [] as number[], shed: [] as string[] };
  const shedder = new Shedder({
    clock,
    openGauges: () => {
      gauges.open += 1;
      return { read: () => gauges.reading, close: () => (gauges.open -= 1) };
    },
    onStep: (step) => told.steps.push(step),
    onShed: (tier) => told.shed.push(tier),
  });
  shedder.apply(POLICY);
  const refused = () =>
    [undefined, 'free', 'gold'].filter((tier) => shedder.refusal(tier) !== undefined);
  return { clock, gauges, told, shedder, refused };
}

for (const [what, reading] of Object.entries({
  'event-loop delay': { ...CALM, eventLoopDelayMs: 201 },
  memory: { ...CALM, memory: 0.81 },
  queue: { ...CALM, queue: 101 },
})) {
  test(`${what} above its limit refuses the lowest priority first, by steps, and the highest never`, () => {
    const { clock, gauges, refused, told } = scene();
    gauges.reading = reading;

    const before = refused();
    clock.advance(1000);
    const first = refused();
    clock.advance(1000);
    const second = refused();
    clock.advance(10_000);

    assert.deepEqual(
      [before, first, second, refused()],
      [[], [undefined], [undefined, 'free'], [undefined, 'free']],
    );
    assert.deepEqual(told.steps, [1, 2]);
  });
}

test('between the limit and four fifths of it the step stays; below it falls by one a second', () => {
  const { clock, gauges, shedder, told } = scene();
  gauges.reading = { ...CALM, queue: 101 };
  clock.advance(2000);

  gauges.reading = { ...CALM, queue: 81 };
  clock.advance(10_000);
  const held = shedder.step;
  gauges.reading = { ...CALM, queue: 79 };
  clock.advance(1000);
  const falling = shedder.step;
  clock.advance(1000);

  assert.deepEqual([held, falling, shedder.step], [2, 1, 0]);
  assert.deepEqual(told.steps, [1, 2, 1, 0]);
});

test('a refusal is 503 with Retry-After, counted by tier', () => {
  const { clock, gauges, shedder, told } = scene();
  gauges.reading = { ...CALM, queue: 101 };
  clock.advance(2000);

  const refusal = shedder.refusal('free');
  shedder.refusal(undefined);

  assert.deepEqual([refusal?.code, refusal?.status], ['overloaded', 503]);
  assert.deepEqual(refusal?.headers, ['retry-after', '5']);
  assert.deepEqual(told.shed, ['free', 'none']);
});

test('without the key nothing is measured and nobody refused; a reload may take it away', () => {
  const { clock, gauges, shedder, refused } = scene();
  gauges.reading = { ...CALM, queue: 101 };
  clock.advance(2000);

  shedder.apply({ ...POLICY, steps: [1] });
  const fewer = [shedder.step, gauges.open];
  shedder.apply(undefined);

  assert.deepEqual(fewer, [1, 1]);
  assert.deepEqual([refused(), gauges.open, clock.pendingCount], [[], 0, 0]);
});
