import type { DecisionRecord } from './decision-record.ts';
import { TextRing } from './text-ring.ts';

/** A flood of refusals takes this much memory and no more: the newest 5000, or 8 MiB. */
const REFUSALS = { most: 5000, mostBytes: 8 * 1024 * 1024 };
/** Apart from refusals, so that a flood of those leaves them. */
const OTHERS = { most: 500, mostBytes: 1024 * 1024 };
/** A quiet gateway keeps every decision, a busy one this many a second besides its refusals. */
const SAMPLES_A_SECOND = 10;
const SAMPLE_EVERY_MS = 1000 / SAMPLES_A_SECOND;
const LISTED = 100;

/** What the admin listener asks. */
export interface KeptDecisions {
  /** JSON of a `DecisionRecord`; undefined: not kept, or no more. */
  find(id: string): string | undefined;
  /** JSON: the last refusals, the newest first. */
  refusals(): string;
}

/** The last decisions, by the ids that clients were told: all refusals, of the others a sample. */
export class DecisionRing implements KeptDecisions {
  readonly #refusals = new TextRing(REFUSALS);
  readonly #others = new TextRing(OTHERS);
  #nextSampleMs = 0;

  /** Whether a decision that is no refusal is kept. Once for each; by the monotonic clock. */
  isSampled(nowMs: number): boolean {
    if (nowMs < this.#nextSampleMs) return false;
    this.#nextSampleMs = nowMs + SAMPLE_EVERY_MS;
    return true;
  }

  keep(record: DecisionRecord): void {
    const ring = record.outcome === 'refused' ? this.#refusals : this.#others;
    ring.add(record.id, JSON.stringify(record));
  }

  find(id: string): string | undefined {
    return this.#refusals.get(id) ?? this.#others.get(id);
  }

  refusals(): string {
    return `{"kept":${this.#refusals.size},"refusals":[${this.#refusals.newest(LISTED).join(',')}]}`;
  }

  get bytes(): number {
    return this.#refusals.bytes + this.#others.bytes;
  }
}
