import type { Clock } from '../../core/clock.ts';
import { Shedder } from '../../evaluate/shed/shedder.ts';
import type { GatewayMetrics, Log } from '../../record/record.ts';
import { METRICS } from '../../telemetry/names/names.ts';
import { openOverloadGauges } from '../observe/overload-gauges.ts';

interface ShedderParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: GatewayMetrics;
  /** Requests and streams in flight. */
  readonly queue: () => number;
}

/** The shedder of live traffic: one log line for each change, and its metrics. */
export function createShedder({ clock, log, metrics, queue }: ShedderParts): Shedder {
  const shedder = new Shedder({
    clock,
    openGauges: () => openOverloadGauges(queue),
    onStep: (step, { eventLoopDelayMs, memory, queue: inFlight }) => {
      log.warn(
        step === 0 ? 'overload is over: nobody is refused' : 'overload: low priorities are refused',
        {
          step,
          event_loop_delay_ms: Math.round(eventLoopDelayMs),
          memory_percent: Math.round(memory * 100),
          queue: inFlight,
        },
      );
    },
    onShed: (tier) => metrics.shed.add(1, tier),
  });
  metrics.observe(METRICS.shedding, () => shedder.step);
  return shedder;
}
