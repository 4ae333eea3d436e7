import type { Clock } from '../../core/clock.ts';
import { SharedLimits } from '../../evaluate/limit/limit.ts';
import type { ScriptRunner } from '../../evaluate/limit/limit.ts';
import type { GatewayMetrics, Log } from '../../record/record.ts';
import { METRICS } from '../../telemetry/names/names.ts';

export interface LimitsParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  /** Undefined: there is no `gateway.store`. */
  readonly runner: ScriptRunner | undefined;
}

/** Where limits are counted; undefined: in the memory of this process. */
export function createLimits({
  clock,
  log,
  metrics,
  runner,
}: LimitsParts): SharedLimits | undefined {
  if (runner === undefined) return undefined;
  const limits = new SharedLimits({
    clock,
    runner,
    onChange: (isUp, why) => {
      if (isUp) log.info(`limits: the shared store counts again: ${why}`);
      else log.warn(`limits: the shared store is away, each limit follows its whenDown: ${why}`);
    },
    onAnswer: (by) => metrics.sharedLimits.add(1, by),
  });
  metrics.observe(METRICS.limitStoreUp, () => (limits.isUp ? 1 : 0));
  return limits;
}
