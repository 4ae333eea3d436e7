import { systemClock } from '../../../src/app/system-clock.ts';
import { bucketShape } from '../../../src/core/bucket-shape.ts';
import { MemoryLimits } from '../../../src/evaluate/limit/memory-limits.ts';
import { rateCheck } from '../../../test/support/policy/rate-check.ts';

const CHECKS = 3_000_000;
const TENANTS = 10_000;

/** Processor time of one check, over ten thousand tenants in turn. */
export function checkCpuMicros(): number {
  const limits = new MemoryLimits(systemClock);
  const shape = bucketShape({ amount: 1000, windowMs: 1000, text: '1000/s' }, undefined);
  const checks = Array.from({ length: TENANTS }, (_, i) => rateCheck(`tenant-${i}`, shape));
  const begun = process.cpuUsage();
  for (let i = 0; i < CHECKS; i += 1) limits.take(checks[i % TENANTS]!, i / 100);
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / CHECKS;
}
