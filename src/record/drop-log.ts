import type { Clock } from '../core/clock.ts';
import { DROPS, type DropReason, type OnDrop } from '../core/drop.ts';
import { addressKey } from '../core/address-key.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { Log } from './log.ts';

/** One line a minute for one reason and address: a flood of connections must not become one of lines. */
const QUIET_MS = 60_000;
/** Reasons and addresses that are logged one by one within a minute. Beyond, all other addresses of a reason share a line. */
const MAX_KEYS = 500;

interface Logged {
  readonly atMs: number;
  /** Drops since that have no line. */
  suppressed: number;
}

/** Logs why a client was dropped: dropped clients have no access line. */
export class DropLog {
  readonly #log: Log;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #logged = new Map<string, Logged>();

  constructor(log: Log, clock: Pick<Clock, 'monotonicMs'>) {
    this.#log = log;
    this.#clock = clock;
  }

  write(reason: DropReason, address: string, detail?: string): void {
    const nowMs = this.#clock.monotonicMs();
    const key = this.#keyOf(reason, address, nowMs);
    const logged = this.#logged.get(key);
    if (logged !== undefined && nowMs - logged.atMs < QUIET_MS) {
      logged.suppressed += 1;
      return;
    }
    this.#logged.delete(key);
    this.#logged.set(key, { atMs: nowMs, suppressed: 0 });
    const [level, sentence] = DROPS[reason];
    const suppressed = logged?.suppressed || undefined;
    const fields = { reason, 'client.address': address, detail, suppressed };
    this.#log[level](sentence, fields);
  }

  #keyOf(reason: DropReason, address: string, nowMs: number): string {
    const key = `${reason} ${addressKey(address)}`;
    if (this.#logged.has(key) || this.#logged.size < MAX_KEYS) return key;
    this.#forgetQuiet(nowMs);
    return this.#logged.size < MAX_KEYS ? key : reason;
  }

  /** Entries stand in the order of their lines, so the quiet ones are in front. */
  #forgetQuiet(nowMs: number): void {
    for (const [key, { atMs }] of this.#logged) {
      if (nowMs - atMs < QUIET_MS) return;
      this.#logged.delete(key);
    }
  }
}

/** A counter and a line for each drop. */
export function tellDrops(metrics: Pick<GatewayMetrics, 'drops'>, log: DropLog): OnDrop {
  return (reason, address, detail) => {
    metrics.drops.add(1, reason);
    log.write(reason, address, detail);
  };
}
