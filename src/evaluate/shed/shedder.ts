import type { Clock, Timer } from '../../core/clock.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import { refuse } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { SheddingPolicy } from '../../policy/snapshot/snapshot.ts';
import { namedReason } from '../../telemetry/names/names.ts';

/** How busy the process is now. */
interface OverloadReading {
  /** By how much timers came late since the last reading, on average. */
  readonly eventLoopDelayMs: number;
  /** Of the memory that the process may have: 0 to 1. */
  readonly memory: number;
  /** Requests and streams in flight. */
  readonly queue: number;
}

export interface OverloadGauges {
  read(): OverloadReading;
  close(): void;
}

export interface ShedderOptions {
  readonly clock: Clock;
  /** Opened while the policy wants it; nothing is measured otherwise. */
  readonly openGauges: () => OverloadGauges;
  /** Called when the step changes. 0: nobody is refused. */
  readonly onStep: (step: number, reading: OverloadReading) => void;
  readonly onShed: (tier: string) => void;
}

/** Below this part of every limit the step falls; between the two it stays. */
const CALM = 0.8;
/** By then the step may have fallen several times. */
const RETRY_SECONDS = 5;
/** Of a request without a tier. */
const LEAST_PRIORITY = 1;

/**
 * Refuses the tiers of the lowest priority while the gateway is overloaded. Once a second the step rises by one where a
 * reading is above its limit, and falls by one where all are well below: each step takes one more priority, and the
 * highest that is in use is never refused.
 */
export class Shedder {
  readonly #options: ShedderOptions;
  #policy: SheddingPolicy | undefined;
  #gauges: OverloadGauges | undefined;
  #timer: Timer | undefined;
  #step = 0;

  constructor(options: ShedderOptions) {
    this.#options = options;
  }

  get step(): number {
    return this.#step;
  }

  /** What holds from now on; undefined: nothing is shed. */
  apply(policy: SheddingPolicy | undefined): void {
    if (policy === undefined) return this.stop();
    this.#policy = policy;
    this.#step = Math.min(this.#step, policy.steps.length);
    if (this.#gauges !== undefined) return;
    this.#gauges = this.#options.openGauges();
    this.#arm();
  }

  /** Idempotent. */
  stop(): void {
    this.#policy = undefined;
    this.#step = 0;
    this.#timer?.cancel();
    this.#gauges?.close();
    this.#gauges = undefined;
  }

  /** Undefined: the request may go on. `tier`: of its tenant. */
  refusal(tier: string | undefined): Refusal | undefined {
    if (this.#step === 0 || this.#policy === undefined) return undefined;
    const { steps, priorities } = this.#policy;
    const priority = priorities.get(tier ?? '') ?? LEAST_PRIORITY;
    if (priority > steps[this.#step - 1]!) return undefined;
    this.#options.onShed(tier ?? 'none');
    const detail = `priority ${priority}, at step ${this.#step} of ${steps.length}`;
    return refuse('overloaded', {
      reason: namedReason('overload.shed', detail),
      headers: ['retry-after', String(RETRY_SECONDS)],
    });
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(DEADLINES.overloadLookMs, () => {
      this.#look();
      this.#arm();
    });
  }

  #look(): void {
    const reading = this.#gauges!.read();
    const load = loadOf(reading, this.#policy!);
    const change = load > 1 ? 1 : load < CALM ? -1 : 0;
    const step = Math.max(0, Math.min(this.#policy!.steps.length, this.#step + change));
    if (step === this.#step) return;
    this.#step = step;
    this.#options.onStep(step, reading);
  }
}

/** The greatest part of any limit that is reached: above 1 is overload. */
function loadOf(reading: OverloadReading, policy: SheddingPolicy): number {
  return Math.max(
    reading.eventLoopDelayMs / (policy.eventLoopDelayMs ?? Infinity),
    reading.memory / (policy.memory ?? Infinity),
    reading.queue / (policy.queue ?? Infinity),
  );
}
