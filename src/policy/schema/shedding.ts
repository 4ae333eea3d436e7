import { z } from 'zod';
import { DEFAULTS } from './defaults.ts';
import { mapping, wait, wholeNumber } from './scalars.ts';

const SHARE = 'must be a share of the memory from 1% to 99%, such as "85%"';

const share = (description: string) =>
  z
    .string({ error: SHARE })
    .regex(/^[1-9]\d?%$/, { error: SHARE })
    .meta({ title: 'share from 1% to 99%', examples: ['85%'], description })
    .transform((text) => Number.parseInt(text, 10) / 100);

/** Each of its keys is a sign of overload; one is enough. */
export const shedding = mapping(
  'When the gateway is overloaded, and refuses the tiers of the lowest `priority` first (503 `overloaded`). Default: never.',
  {
    eventLoopDelay: wait('Timers come later than this, on average of a second.').optional(),
    memory: share(
      'Memory of the process, of what its control group or the machine has.',
    ).optional(),
    queue: wholeNumber(
      'Requests and open streams in flight, all together.',
      1,
      1_000_000,
    ).optional(),
  },
)
  .refine((said) => Object.values(said).some((value) => value !== undefined), {
    error: 'must say at least one of eventLoopDelay, memory and queue',
  })
  .meta({ minProperties: 1 });

/** Of a tier, beside its limits. */
export const priority = wholeNumber(
  'Who is refused first while `gateway.shedding` says that the gateway is overloaded: the lowest. A request without a tier has 1. The highest in use is never refused.',
  1,
  10,
  DEFAULTS.priority,
);
