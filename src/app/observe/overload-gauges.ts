import { totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { OverloadGauges } from '../../evaluate/shed/shedder.ts';

/** How often the delay is sampled; node counts this time into each sample. */
const SAMPLE_MS = 20;

/** `queue`: requests and streams in flight. */
export function openOverloadGauges(queue: () => number): OverloadGauges {
  const delay = monitorEventLoopDelay({ resolution: SAMPLE_MS });
  delay.enable();
  const mostBytes = memoryLimit();
  return {
    read() {
      // No sample: the loop has not turned since the last reading.
      const eventLoopDelayMs = delay.count === 0 ? 0 : Math.max(0, delay.mean / 1e6 - SAMPLE_MS);
      delay.reset();
      return { eventLoopDelayMs, memory: process.memoryUsage.rss() / mostBytes, queue: queue() };
    },
    close: () => void delay.disable(),
  };
}

/** Of the control group where there is one, else of the machine. Without a limit Node tells a number beyond it. */
function memoryLimit(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
