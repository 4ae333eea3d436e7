import { z } from 'zod';
import { looksLikeUrl } from '../rules/service-url.ts';
import { mapping, text, wholeNumber } from './scalars.ts';

const MOST_KEYS = 256;
const WANTED = 'must be { priority: [...] } or { weighted: { ... } }';
const KEYS = `must be a list of 1 to ${MOST_KEYS} routing keys`;
const WEIGHTS = `must be a mapping from 1 to ${MOST_KEYS} routing keys to weights, one of them above 0`;
const STICKY = 'must be "session" or { header: NAME }';

/** Printable and without spaces, as Skupper's routing keys are; the length bounds AMQP addresses. */
export const ROUTING_KEY = /^[!-~]{1,255}$/;
const KEY = 'must be a routing key: 1 to 255 printable characters without spaces';
const key = z
  .string({ error: KEY })
  .regex(ROUTING_KEY, { error: KEY })
  .refine((text) => !looksLikeUrl(text), { error: 'must be a routing key, not a URL' });

const sticky = z
  .union(
    [
      z.literal('session', { error: STICKY }),
      mapping('By a header field of the request.', {
        header: text('Its name.').regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, {
          error: 'must be a header name',
        }),
      }),
    ],
    { error: STICKY },
  )
  .optional()
  .meta({
    description:
      'session: one login, else one identity, else one client address keeps to one routing key. { header: NAME }: one value of this field does.',
  });

/** Several routing keys for one service, as Skupper's MultiKeyListener has them. */
export const addresses = mapping(
  'Several routing keys instead of address. A key without consumers is left out.',
  {
    priority: z
      .array(key, { error: KEYS })
      .min(1, { error: KEYS })
      .max(MOST_KEYS, { error: KEYS })
      .superRefine((keys, context) => {
        for (const [index, each] of keys.entries()) {
          if (keys.indexOf(each) === index) continue;
          context.addIssue({ code: 'custom', path: [index], message: 'must not be named twice' });
        }
      })
      .optional()
      .meta({ description: 'Routing keys; the first that has consumers gets everything.' }),
    weighted: z
      .record(key, wholeNumber('Share of the requests.', 0, 1000), { error: WEIGHTS })
      .refine(
        (weights) => {
          const all = Object.values(weights);
          return all.length <= MOST_KEYS && all.some((weight) => weight > 0);
        },
        { error: WEIGHTS },
      )
      .optional()
      .meta({
        description: 'Routing key → weight from 0 to 1000: its share of the requests. 0: none.',
      }),
    sticky,
  },
)
  .refine(({ priority, weighted }) => (priority === undefined) !== (weighted === undefined), {
    error: WANTED,
  })
  .refine(({ weighted, sticky: kept }) => kept === undefined || weighted !== undefined, {
    error: 'must be weighted where it is sticky',
  });

export type AddressesInput = z.output<typeof addresses>;
