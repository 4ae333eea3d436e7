import type { Clock, Timer } from '../../core/clock.ts';
import type { WatchPolicy } from '../../policy/snapshot/snapshot.ts';
import { factsNow, isSameFacts } from '../../policy/source/file-facts.ts';
import type { Facts } from '../../policy/source/file-facts.ts';
import { FolderEvents } from './folder-events.ts';

/** What tells early that a look is worth while. */
export interface EarlyEvents {
  watch(paths: Iterable<string>): Promise<void>;
  close(): void;
}

export interface FileWatchOptions {
  readonly clock: Clock;
  /** Asked for at each look. Undefined: off. */
  readonly policy: () => WatchPolicy | undefined;
  /** Every file and folder as it was when it was read, asked for at each look. */
  readonly known: () => Facts;
  /** Called once for each other state of the files, when they stayed in it for `settleMs`. */
  readonly onChange: () => void;
  /** Default: those of the system. */
  readonly events?: (onEvent: () => void) => EarlyEvents;
}

/**
 * Notices that files are not any more what they were when they were read. A look compares all of them, so it needs no
 * memory of events, and sees swapped links wherever they are; events only make the next look come early
 * (docs/decisions/0009-watching-files.md). The timer does not keep the process alive.
 */
export class FileWatch {
  readonly #options: FileWatchOptions;
  readonly #events: EarlyEvents;
  /** Another state than the known one, seen at the last look. */
  #seen: Facts | undefined;
  /** That `onChange` was called for. */
  #reported: Facts | undefined;
  #lastEventMs = -Infinity;
  #timer: Timer | undefined;
  #dueMs = Infinity;
  #isStopped = false;

  constructor(options: FileWatchOptions) {
    this.#options = options;
    const { events = (onEvent) => new FolderEvents(onEvent) } = options;
    this.#events = events(() => this.#heard());
  }

  /** Begins, and begins afresh when `known` or `policy` are others than before. */
  async renew(): Promise<void> {
    this.#seen = undefined;
    this.#reported = undefined;
    const policy = this.#options.policy();
    await this.#events.watch(policy === undefined ? [] : this.#options.known().keys());
    // What changed since the files were read, and before their folders were watched, is seen by this look.
    if (policy !== undefined) this.#lookIn(policy.settleMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#events.close();
  }

  #heard(): void {
    const { clock, policy } = this.#options;
    this.#lastEventMs = clock.monotonicMs();
    const settleMs = policy()?.settleMs;
    if (settleMs === undefined || this.#dueMs <= this.#lastEventMs + settleMs) return;
    this.#lookIn(settleMs);
  }

  #lookIn(delayMs: number): void {
    this.#timer?.cancel();
    if (this.#isStopped) return;
    this.#dueMs = this.#options.clock.monotonicMs() + delayMs;
    this.#timer = this.#options.clock.after(delayMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const { known, policy, onChange } = this.#options;
    const { settleMs, pollMs } = policy() ?? { settleMs: undefined, pollMs: undefined };
    if (settleMs === undefined) return;
    const before = known();
    const now = await factsNow(before);
    // Files may have been read meanwhile: what is compared is what they were then.
    if (this.#isStopped || before !== known()) return;
    this.#dueMs = Infinity;
    const isKnown = isSameFacts(before, now) || this.#isSame(this.#reported, now);
    const isStill = this.#isSame(this.#seen, now) || this.#wasQuiet(settleMs);
    this.#seen = isKnown ? undefined : now;
    if (isKnown || isStill) this.#lookIn(pollMs);
    else this.#lookIn(settleMs);
    if (isKnown || !isStill) return;
    this.#reported = now;
    onChange();
  }

  #isSame(facts: Facts | undefined, now: Facts): boolean {
    return facts !== undefined && isSameFacts(facts, now);
  }

  /** The events that led to this look were the last ones: nothing was written since then. */
  #wasQuiet(settleMs: number): boolean {
    const sinceMs = this.#options.clock.monotonicMs() - this.#lastEventMs;
    return sinceMs >= settleMs && sinceMs < 2 * settleMs;
  }
}
