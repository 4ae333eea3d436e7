import type { Clock } from '../../../../src/core/clock.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { LateLimits } from '../../../support/fakes/late-limits.ts';
import { limitStoreContract } from '../../../support/contracts/limit-store-contract.ts';
import { MemoryLimits } from '../../../../src/evaluate/limit/memory-limits.ts';

for (const [name, create] of [
  ['memory', (clock: Clock) => new MemoryLimits(clock)],
  ['a store that answers later', (clock: Clock) => new LateLimits(clock)],
] as const) {
  limitStoreContract(name, async () => {
    const clock = new FakeClock();
    return {
      store: create(clock),
      nowMs: () => clock.monotonicMs(),
      pass: (ms) => clock.advance(ms),
      [Symbol.asyncDispose]: async () => {},
    };
  });
}
