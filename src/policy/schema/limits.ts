import { z } from 'zod';
import type { Rate } from '../snapshot/snapshot.ts';
import { DEFAULTS } from './defaults.ts';
import { byteRate, mapping, rate, wholeNumber } from './scalars.ts';

const RATES = 'must be a rate above 0 such as "10/s", or a list of rates';

/** A bucket is named by its window, so two rates of one window would spend from the same. */
function haveOwnWindows(rates: readonly Rate[]): boolean {
  return new Set(rates.map(({ windowMs }) => windowMs)).size === rates.length;
}

const WHEN_DOWN = ['local-share', 'open', 'closed'] as const;
const WHEN_DOWN_WANTED = `must be one of ${WHEN_DOWN.join(', ')}`;

/** What a shared limit does while the store is away. */
export function whenDown(description: string) {
  return z.enum(WHEN_DOWN, { error: WHEN_DOWN_WANTED }).meta({
    description: `${description} local-share: each gateway counts its share by itself. open: all requests pass. closed: none, 503.`,
  });
}

const PERIODS = ['hour', 'day', 'month'] as const;
const ZONE = 'must be a time zone by its IANA name such as Europe/Berlin, or UTC';

const quota = mapping('Requests in each hour, day or month of the calendar.', {
  amount: wholeNumber('Requests in one period.', 1, 1_000_000_000_000),
  per: z
    .enum(PERIODS, { error: `must be one of ${PERIODS.join(', ')}` })
    .meta({ description: 'The period; it begins when the hour, day or month of the zone does.' }),
  zone: z.string({ error: ZONE }).refine(isZone, { error: ZONE }).optional().meta({
    description: 'Whose clock and calendar hold, by its IANA name.',
    byDefault: DEFAULTS.quotaZone,
  }),
});

/** Offsets such as +01:00 are taken by Intl, too, and have no summer time. */
function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const MODE = 'shadow: count and record, refuse nothing.';
const mode = z.enum(['enforce', 'shadow']).optional();

const LEAST_BANDWIDTH = 1024;

/** Below the least, a page would take minutes and every time limit of a body would hit first. */
const bandwidth = byteRate('')
  .refine((octets) => octets >= LEAST_BANDWIDTH, {
    error: 'must be octets per second of at least 1KiB/s, such as "1MiB/s"',
  })
  .meta({
    title: 'octets per second, at least 1KiB/s',
    examples: ['1MiB/s'],
    description:
      'Octets per second of each request and of each response body, with one second of it at once. Streams are slowed, not refused. Of tenant, route and path the lowest holds.',
  });

export const limits = mapping('Limits of a tier, a tenant, a route or a path.', {
  rate: z
    .union(
      [
        rate('Requests per s, m, h or d.'),
        z
          .array(rate('Requests per s, m, h or d.'))
          .min(1, { error: RATES })
          .refine(haveOwnWindows, {
            error: 'must have one rate at most per s, m, h and d; the smaller of two is enough',
          }),
      ],
      { error: RATES },
    )
    .optional()
    .meta({ description: 'Requests per s, m, h or d; of a list, all must allow the request.' }),
  burst: wholeNumber(
    'Requests allowed at once; for the first rate. Default: its amount.',
    1,
    1_000_000_000,
  ).optional(),
  quota: quota.optional(),
  concurrent: wholeNumber('Requests and open streams in flight.', 1, 1_000_000).optional(),
  bandwidth: bandwidth.optional(),
  mode: mode.meta({ description: MODE, byDefault: DEFAULTS.limitsMode }),
  algorithm: z.enum(['window', 'strict'], { error: 'must be window or strict' }).optional().meta({
    description:
      'How gateway.store counts the rates. window: fixed windows. strict: evenly, without the edge of a window.',
    byDefault: DEFAULTS.limitsAlgorithm,
  }),
  whenDown: whenDown(
    'What holds while gateway.store is away. Default: what gateway.store.whenDown says.',
  ).optional(),
  shared: z.boolean({ error: 'must be true or false' }).optional().meta({
    description: 'false: each gateway counts by itself, though there is a gateway.store.',
    byDefault: DEFAULTS.limitsShared,
  }),
});

export const tierLimits = limits
  .extend({
    connections: wholeNumber(
      'Connections of clients at the same time. One counts from the first request of the tenant on it until it closes. Default: no limit.',
      1,
      1_000_000,
    ).optional(),
  })
  .meta({ description: 'Limits of each tenant of a tier.' });

/** Of one tenant: what is not said, its tier says. */
export const limitsOverride = tierLimits
  .extend({ mode: mode.meta({ description: `${MODE} Default: that of the tier.` }) })
  .meta({ description: 'Limits of a tenant; each key replaces the one of its tier.' });

/** A route counts connections only where it takes them whole: E306 where it does not. */
export const routeLimits = limits
  .extend({
    connections: wholeNumber(
      'Connections at the same time, with "passthrough: true" only.',
      1,
      1_000_000,
    ).optional(),
  })
  .meta({ description: 'Limits of a route, all tenants together.' });

export type LimitsInput = z.output<typeof limits>;
export type TierLimitsInput = z.output<typeof tierLimits>;
