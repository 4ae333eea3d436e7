import type { Clock } from '../../core/clock.ts';
import type { CalendarPeriod } from '../../policy/snapshot/snapshot.ts';

/** One hour, day or month of a zone, in wall time: from `startMs` to before `endMs`. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** Node 24 has no Temporal of its own. */
const TEMPORAL =
  (globalThis as { readonly Temporal?: typeof Temporal }).Temporal ??
  (await import('temporal-polyfill')).Temporal;

/**
 * The period of `nowMs`. An hour is one of the zone's clock: with a change of half an hour, one has 90 minutes and one
 * 30. A day or month begins when its date does, and is longer or shorter where the clocks change.
 */
export function periodAt(
  nowMs: number,
  { per, zone }: CalendarPeriod,
  temporal: typeof Temporal = TEMPORAL,
): Period {
  const now = temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone);
  if (per === 'hour') return hourAt(now);
  const date = per === 'day' ? now.toPlainDate() : now.toPlainDate().with({ day: 1 });
  const next = date.add(per === 'day' ? { days: 1 } : { months: 1 });
  return { startMs: startOf(date, zone), endMs: startOf(next, zone) };
}

function startOf(date: Temporal.PlainDate, zone: string): number {
  return date.toZonedDateTime(zone).epochMilliseconds;
}

function hourAt(now: Temporal.ZonedDateTime): Period {
  const start = hourOf(now);
  const next = hourOf(start.add({ hours: 1 }));
  // The hour in which the clock goes back by half an hour has not ended after one.
  const isOver = next.epochMilliseconds > start.epochMilliseconds;
  const end = isOver ? next : hourOf(start.add({ hours: 2 }));
  return { startMs: start.epochMilliseconds, endMs: end.epochMilliseconds };
}

function hourOf(time: Temporal.ZonedDateTime): Temporal.ZonedDateTime {
  return time.round({ smallestUnit: 'hour', roundingMode: 'floor' });
}

/** The periods of now. Each is computed once, when it begins. */
export class Calendar {
  readonly #clock: Clock;
  /** As many as the policy has kinds of period and zones; there are a few hundred zones. */
  readonly #current = new Map<string, Period>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  periodOf(period: CalendarPeriod, nowMs: number): Period {
    const current = this.#current.get(period.name);
    if (current !== undefined && nowMs >= current.startMs && nowMs < current.endMs) return current;
    const found = periodAt(nowMs, period);
    this.#current.set(period.name, found);
    return found;
  }
}
