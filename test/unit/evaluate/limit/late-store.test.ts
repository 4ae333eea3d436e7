import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { requestChecks } from '../../../../src/evaluate/limit/request-checks.ts';
import { Limiter } from '../../../../src/evaluate/limit/limiter.ts';
import type { Permit } from '../../../../src/evaluate/limit/permit.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { LateLimits } from '../../../support/fakes/late-limits.ts';
import { limits, rate, rule } from '../../../support/policy/policy.ts';

const block = fc.record({
  rates: fc.array(fc.constantFrom('1/s', '2/s', '3/m').map(rate), { maxLength: 2 }),
  concurrent: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  mode: fc.constantFrom('enforce' as const, 'shadow' as const),
});
const steps = fc.array(fc.constantFrom('ask', 'end', 'wait'), { maxLength: 40 });

test('a store that answers later decides as memory does, in one round trip a request', async () => {
  await fc.assert(
    fc.asyncProperty(block, block, block, steps, async (tenantBlock, route, path, taken) => {
      const checks = requestChecks(rule({ routeLimits: limits(route), pathLimits: limits(path) }), {
        id: 'acme',
        kind: 'claim',
        limits: limits(tenantBlock),
      });
      const clock = new FakeClock();
      const late = new LateLimits(clock);
      const ends = [new Limiter({ clock }), new Limiter({ clock, store: late })];
      const held: Permit[][] = ends.map(() => []);
      let asked = 0;

      for (const step of taken) {
        if (step === 'wait') clock.advance(400);
        else if (step === 'end') held.forEach((permits) => permits.shift()?.[Symbol.dispose]());
        else {
          asked += 1;
          const [one, other] = await Promise.all(
            ends.map(async (limiter) => limiter.admit(checks)),
          );
          assert.deepEqual(summary(other!), summary(one!));
          for (const [i, outcome] of [one!, other!].entries()) {
            if (!isRefusal(outcome)) held[i]!.push(outcome);
          }
        }
      }

      assert.equal(late.roundTrips, checks.length === 0 ? 0 : asked);
    }),
    { seed: 20261128, numRuns: 300 },
  );
});

function summary(outcome: Permit | { readonly code?: string }): unknown {
  if (isRefusal(outcome)) return [outcome.code, outcome.members, outcome.headers];
  return (outcome as Permit).fields;
}
