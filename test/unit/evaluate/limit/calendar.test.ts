import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Temporal as Polyfill } from 'temporal-polyfill/implementation';
import { Calendar, periodAt } from '../../../../src/evaluate/limit/calendar.ts';
import type { CalendarPeriod } from '../../../../src/policy/snapshot/snapshot.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';

type Row = readonly [
  per: CalendarPeriod['per'],
  zone: string,
  now: string,
  start: string,
  end: string,
];

/** Moments in UTC. The periods that follow one another are there, so that no moment is in none or in two. */
const PERIODS: Readonly<Record<string, readonly Row[]>> = {
  'an hour': [
    ['hour', 'UTC', '2026-03-01T10:59:59.999Z', '2026-03-01T10:00Z', '2026-03-01T11:00Z'],
    ['hour', 'UTC', '2026-03-01T11:00Z', '2026-03-01T11:00Z', '2026-03-01T12:00Z'],
    // India is half an hour beside the hours of UTC.
    ['hour', 'Asia/Kolkata', '2026-03-01T10:40Z', '2026-03-01T10:30Z', '2026-03-01T11:30Z'],
  ],
  'the hours of a day of 23 hours': [
    ['hour', 'Europe/Berlin', '2026-03-29T00:30Z', '2026-03-29T00:00Z', '2026-03-29T01:00Z'],
    ['hour', 'Europe/Berlin', '2026-03-29T01:30Z', '2026-03-29T01:00Z', '2026-03-29T02:00Z'],
  ],
  'the hours of a day of 25 hours: the hour that comes twice is two': [
    ['hour', 'Europe/Berlin', '2026-10-25T00:30Z', '2026-10-25T00:00Z', '2026-10-25T01:00Z'],
    ['hour', 'Europe/Berlin', '2026-10-25T01:30Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z'],
  ],
  'the hours where a change is half an hour long': [
    ['hour', 'Australia/Lord_Howe', '2026-04-04T14:30Z', '2026-04-04T14:00Z', '2026-04-04T15:30Z'],
    ['hour', 'Australia/Lord_Howe', '2026-04-04T15:10Z', '2026-04-04T14:00Z', '2026-04-04T15:30Z'],
    ['hour', 'Australia/Lord_Howe', '2026-04-04T15:30Z', '2026-04-04T15:30Z', '2026-04-04T16:30Z'],
    ['hour', 'Australia/Lord_Howe', '2026-10-03T15:40Z', '2026-10-03T15:30Z', '2026-10-03T16:00Z'],
    ['hour', 'Australia/Lord_Howe', '2026-10-03T16:10Z', '2026-10-03T16:00Z', '2026-10-03T17:00Z'],
  ],
  'a day of 24, of 23 and of 25 hours': [
    ['day', 'UTC', '2026-02-28T23:59:59.999Z', '2026-02-28T00:00Z', '2026-03-01T00:00Z'],
    ['day', 'Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
    ['day', 'Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
  ],
  'a day that begins at one, as midnight is left out': [
    ['day', 'Africa/Cairo', '2026-04-24T10:00Z', '2026-04-23T22:00Z', '2026-04-24T21:00Z'],
  ],
  'the day before one that a zone left out': [
    ['day', 'Pacific/Apia', '2011-12-30T09:59Z', '2011-12-29T10:00Z', '2011-12-30T10:00Z'],
    ['day', 'Pacific/Apia', '2011-12-30T10:00Z', '2011-12-30T10:00Z', '2011-12-31T10:00Z'],
  ],
  'months of 28, 29, 30 and 31 days, and the end of a year': [
    ['month', 'UTC', '2026-02-28T23:59:59.999Z', '2026-02-01T00:00Z', '2026-03-01T00:00Z'],
    ['month', 'UTC', '2028-02-29T12:00Z', '2028-02-01T00:00Z', '2028-03-01T00:00Z'],
    ['month', 'UTC', '2026-04-30T12:00Z', '2026-04-01T00:00Z', '2026-05-01T00:00Z'],
    ['month', 'UTC', '2026-12-31T23:59:59.999Z', '2026-12-01T00:00Z', '2027-01-01T00:00Z'],
    ['month', 'Asia/Tokyo', '2026-01-31T15:00Z', '2026-01-31T15:00Z', '2026-02-28T15:00Z'],
    ['month', 'Europe/Berlin', '2026-03-31T21:59Z', '2026-02-28T23:00Z', '2026-03-31T22:00Z'],
  ],
};

for (const [source, temporal] of [
  ['of Node', undefined],
  ['of the polyfill', Polyfill],
] as const) {
  for (const [what, rows] of Object.entries(PERIODS)) {
    test(`${what} (Temporal ${source})`, () => {
      for (const [per, zone, now, start, end] of rows) {
        const found = periodAt(Date.parse(now), { per, zone, name: '' }, temporal);

        assert.deepEqual(
          [new Date(found.startMs).toISOString(), new Date(found.endMs).toISOString()],
          [new Date(start).toISOString(), new Date(end).toISOString()],
          `${per} ${zone} ${now}`,
        );
      }
    });
  }
}

test('every moment of a year is in one period, and the next begins where it ends', () => {
  for (const zone of ['Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns']) {
    for (const per of ['hour', 'day', 'month'] as const) {
      const period = { per, zone, name: '' };
      let now = Date.UTC(2026, 0, 1);
      while (now < Date.UTC(2027, 0, 1)) {
        const { startMs, endMs } = periodAt(now, period);
        assert.ok(startMs <= now && endMs > now, `${zone} ${per} ${new Date(now).toISOString()}`);
        assert.deepEqual(periodAt(endMs - 1, period), { startMs, endMs });
        assert.equal(periodAt(endMs, period).startMs, endMs);
        now = endMs;
      }
    }
  }
});

test('a clock that goes back is in the period of its time', () => {
  const calendar = new Calendar(new FakeClock());
  const period = { per: 'day', zone: 'UTC', name: 'day UTC' } as const;
  const today = calendar.periodOf(period, Date.UTC(2026, 0, 2));

  assert.equal(calendar.periodOf(period, Date.UTC(2026, 0, 1, 12)).endMs, today.startMs);
  assert.deepEqual(calendar.periodOf(period, Date.UTC(2026, 0, 2)), today);
});
