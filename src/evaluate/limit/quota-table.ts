import type { QuotaCheck } from '../../policy/snapshot/snapshot.ts';
import type { Calendar } from './calendar.ts';
import type { Taken } from './limit-store.ts';
import { shortKey } from './short-key.ts';

/** Keys at most, of all periods together; as for rates. The next ones are charged to what their rule shares. */
const MAX_KEYS = 1_000_000;
/** The period of now and one more: a clock that jumps and comes back finds what was counted. */
const PERIODS_KEPT = 2;

interface Counts {
  readonly startMs: number;
  readonly used: Map<string, number>;
}

type Quota = Pick<QuotaCheck, 'key' | 'ruleKey' | 'amount' | 'period'>;

/** What was used of quotas in their calendar periods, in memory: nobody is forgotten before the period is over. */
export class QuotaTable {
  readonly #calendar: Calendar;
  readonly #maxKeys: number;
  readonly #counts = new Map<string, Counts[]>();
  #keyCount = 0;

  constructor(calendar: Calendar, maxKeys = MAX_KEYS) {
    this.#calendar = calendar;
    this.#maxKeys = maxKeys;
  }

  /** Takes one, or none when the quota is used up. */
  take(quota: Quota): Taken {
    const nowMs = this.#calendar.now();
    const { startMs, endMs } = this.#calendar.periodOf(quota.period, nowMs);
    const { used } = this.#countsOf(quota, startMs);
    const key = this.#keyOf(quota, used);
    const before = used.get(key) ?? 0;
    const resetMs = endMs - nowMs;
    if (before >= quota.amount) {
      return { isAdmitted: false, remaining: 0, waitMs: resetMs, slot: startMs, resetMs };
    }
    if (before === 0 && !used.has(key)) this.#keyCount += 1;
    used.set(key, before + 1);
    const remaining = quota.amount - before - 1;
    return { isAdmitted: true, remaining, waitMs: 0, slot: startMs, resetMs };
  }

  /** What is left in the period of now. */
  look({ key, amount, period }: Omit<Quota, 'ruleKey'>): number {
    const { startMs } = this.#calendar.periodOf(period, this.#calendar.now());
    const counts = this.#counts.get(period.name)?.find((each) => each.startMs === startMs);
    return Math.max(0, amount - (counts?.used.get(shortKey(key)) ?? 0));
  }

  /** Undoes one admitted `take`; `slot` is its. */
  giveBack(quota: Quota, slot: number): void {
    const counts = this.#counts.get(quota.period.name)?.find(({ startMs }) => startMs === slot);
    if (counts === undefined) return;
    const key = this.#keyOf(quota, counts.used);
    counts.used.set(key, Math.max(0, (counts.used.get(key) ?? 0) - 1));
  }

  #countsOf({ period: { name } }: Quota, startMs: number): Counts {
    const kept = this.#counts.get(name) ?? [];
    const known = kept.find((counts) => counts.startMs === startMs);
    if (known !== undefined) return known;
    const counts = { startMs, used: new Map<string, number>() };
    const all = [counts, ...kept];
    for (const { used } of all.slice(PERIODS_KEPT)) this.#keyCount -= used.size;
    this.#counts.set(name, all.slice(0, PERIODS_KEPT));
    return counts;
  }

  #keyOf({ key, ruleKey }: Quota, used: ReadonlyMap<string, number>): string {
    const short = shortKey(key);
    return this.#keyCount < this.#maxKeys || used.has(short) ? short : ruleKey;
  }
}
