import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { STRICT_SCRIPT, WINDOW_SCRIPT } from '../../../src/evaluate/limit/shared/scripts.ts';
import { bucketShape } from '../../../src/core/bucket-shape.ts';
import { burstArguments } from '../../../src/evaluate/limit/shared/window-limits.ts';
import { evalIn } from '../../support/sessions/redis-eval.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';

/**
 * The scripts of limits as Redis runs them, over a table and a clock of the test's own: for any times of requests,
 * no more may pass between any two of them than docs/limits.md says.
 */
const skip = NO_REDIS;

let redis: TestRedis;
before(async () => {
  if (skip === false) redis = await TestRedis.start();
});
after(() => redis?.[Symbol.asyncDispose]());

/** Microseconds of a day in 2026: moments as long as those of Redis. */
const START = 1_790_000_000_000_000;

/** Many requests with pauses of one kind, now and then with none. */
function pausesOf([min, max]: readonly [number, number]): fc.Arbitrary<number[]> {
  const pause = fc.oneof(fc.constant(0), fc.integer({ min, max }));
  return fc.array(pause, { minLength: 1, maxLength: 150, size: 'max' });
}

const scenario = fc.record({
  amount: fc.integer({ min: 1, max: 6 }),
  windowMs: fc.constantFrom(1_000, 60_000),
  extra: fc.integer({ min: 0, max: 4 }),
  /** Pauses in hundredths of a window. */
  pauses: fc.oneof(pausesOf([0, 8]), pausesOf([0, 40]), pausesOf([80, 120])),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

function momentsOf({ pauses, windowMs }: Scenario): number[] {
  let now = START;
  return pauses.map((pause) => (now += pause * windowMs * 10));
}

/** Fails when between two admitted requests more passed than `most` allows in that time. */
function assertBound(moments: readonly number[], most: (ms: number) => number): void {
  for (const [i, first] of moments.entries()) {
    for (let j = i; j < moments.length; j += 1) {
      const ms = (moments[j]! - first) / 1000;
      assert.ok(j - i + 1 <= most(ms) + 1e-6, `${j - i + 1} in ${ms} ms, ${most(ms)} at most`);
    }
  }
}

function windows(ms: number, windowMs: number): number {
  return Math.ceil(ms / windowMs) + 1;
}

test('the window script admits within its bound, with and without a burst', { skip }, async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { amount, windowMs, extra } = given;
      const shape = bucketShape({ amount, windowMs, text: '' }, amount + extra);
      const seconds = String(windowMs / 1000);
      const [burst, burstSeconds] = burstArguments(shape);
      const values = ['1', seconds, String(amount), seconds, burst!, burstSeconds!];
      const moments = momentsOf(given);

      const answers = await evalIn(redis, { lua: WINDOW_SCRIPT.lua, values, moments });

      const admitted = moments.filter((_, i) => answers[i]! <= amount);
      const burstMs = Number(burstSeconds) * 1000;
      assertBound(admitted, (ms) => amount * windows(ms, windowMs) + extra * windows(ms, burstMs));
    }),
    { numRuns: 150 },
  );
});

test('the strict script admits within its bound, and all that it may', { skip }, async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (given) => {
      const { amount, windowMs, extra } = given;
      const { intervalMs, capacity } = bucketShape({ amount, windowMs, text: '' }, 1 + extra);
      const values = ['1', String(intervalMs * 1000), String(capacity)];
      const moments = momentsOf(given);

      const answers = await evalIn(redis, { lua: STRICT_SCRIPT.lua, values, moments });

      const admitted = moments.filter((_, i) => answers[i] === 1);
      assertBound(admitted, (ms) => capacity + ms / intervalMs + 1e-3);
      assert.equal(admitted[0], moments[0]);
    }),
    { numRuns: 150 },
  );
});
