import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { LateLimits } from '../../../support/fakes/late-limits.ts';
import { limitStoreContract } from '../../../support/contracts/limit-store-contract.ts';
import { MemoryLimits } from '../../../../src/evaluate/limit/memory-limits.ts';

for (const [name, create] of [
  ['memory', () => new MemoryLimits()],
  ['a store that answers later', () => new LateLimits()],
] as const) {
  limitStoreContract(name, async () => {
    const clock = new FakeClock();
    return {
      store: create(),
      nowMs: () => clock.monotonicMs(),
      pass: (ms) => clock.advance(ms),
      [Symbol.asyncDispose]: async () => {},
    };
  });
}
