import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kind } from './exchange.ts';

export interface Outcome {
  /** Undefined: the connection or the response was cut. */
  readonly status: number | undefined;
  readonly startedMs: number;
  readonly tookMs: number;
  /** Which kind it was, and what it was told. */
  readonly detail: string;
}

export interface TrafficCount {
  sent: number;
  answered: number;
  failed: number;
  /** No end within `HANG_MS`. */
  hung: number;
  /** 200, or a plain end, with other octets than asked for. */
  falseSuccesses: number;
  /** The nonce of another exchange. */
  crossTalk: number;
}

/** Longer than every wait that the policy of the traffic allows one exchange. */
export const HANG_MS = 20_000;

/** Steady mixed traffic, a worker for each kind given; every answer must be the exchange's own. */
export class Traffic {
  readonly outcomes: Outcome[] = [];
  readonly count: TrafficCount = {
    sent: 0,
    answered: 0,
    failed: 0,
    hung: 0,
    falseSuccesses: 0,
    crossTalk: 0,
  };
  /** Answered, by kind. */
  readonly answered: Record<string, number> = {};
  readonly #kinds: readonly Kind[];
  readonly #stopping = new AbortController();
  readonly #working: Promise<unknown>;

  constructor(kinds: readonly Kind[]) {
    this.#kinds = kinds;
    this.#working = Promise.all(kinds.map((kind, index) => this.#work(kind, index)));
  }

  /** For long runs: counts stay. */
  forgetOutcomes(): void {
    this.outcomes.length = 0;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
    await Promise.all(this.#kinds.map((kind) => kind[Symbol.asyncDispose]()));
  }

  async #work(kind: Kind, index: number): Promise<void> {
    for (let turn = index; !this.#stopping.signal.aborted; turn += 1) {
      await this.#one(kind, turn);
      await sleep(kind.pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  async #one(kind: Kind, turn: number): Promise<void> {
    const startedMs = performance.now();
    const nonce = randomUUID();
    const signal = AbortSignal.timeout(HANG_MS);
    this.count.sent += 1;
    const end = (status: number | undefined, detail: string): void => {
      const tookMs = performance.now() - startedMs;
      this.outcomes.push({ status, startedMs, tookMs, detail: `${kind.name}: ${detail}` });
      if (status !== 200) this.count.failed += 1;
      else {
        this.count.answered += 1;
        this.answered[kind.name] = (this.answered[kind.name] ?? 0) + 1;
      }
    };
    try {
      const { status, octets, wanted } = await kind.exchange({ nonce, turn, signal });
      if (status === 200) this.#check(nonce, octets, wanted);
      end(status, status === 200 ? 'whole' : octets.slice(0, 200));
    } catch (error) {
      if (signal.aborted) this.count.hung += 1;
      end(undefined, String(error));
    }
  }

  #check(nonce: string, octets: string, wanted: string): void {
    if (!octets.startsWith(nonce)) this.count.crossTalk += 1;
    if (octets !== wanted) this.count.falseSuccesses += 1;
  }
}
