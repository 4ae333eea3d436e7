import type { Clock } from '../../core/clock.ts';
import { AddressLimiter, Limiter } from '../../evaluate/limit/limit.ts';
import type { Generation } from '../../evaluate/generation.ts';
import { Decisions } from '../../pipeline/pipeline.ts';
import { DecisionRing, Recorder } from '../../record/record.ts';
import type { AccessLog, GatewayMetrics, Log } from '../../record/record.ts';
import { createLimits } from './create-limits.ts';
import type { LastingState } from './lasting-state.ts';

export interface TrafficPartsOptions {
  readonly clock: Clock;
  readonly metrics: GatewayMetrics;
  readonly accessLog: (metrics: GatewayMetrics) => AccessLog | undefined;
  readonly generation: () => Generation;
  readonly log: Log;
  /** Its shared store counts limits; undefined: they are counted in this process. */
  readonly lasting?: Pick<LastingState, 'shared'>;
}

export type TrafficParts = ReturnType<typeof trafficParts>;

/** The parts that requests and passthrough connections share, so that an address is counted once. */
export function trafficParts(options: TrafficPartsOptions) {
  const { clock, log, metrics, accessLog, generation, lasting } = options;
  const store = createLimits({ clock, log, metrics, runner: lasting?.shared });
  const onLimited = (limit: string, mode: string) => metrics.limited.add(1, limit, mode);
  const ring = new DecisionRing();
  return {
    clock,
    generation,
    addressLimiter: new AddressLimiter({ clock, onLimited }),
    limiter: new Limiter({ clock, onLimited, ...(store !== undefined && { store }) }),
    recorder: new Recorder(metrics, accessLog(metrics)),
    ring,
    decisions: new Decisions(clock, ring),
  };
}
