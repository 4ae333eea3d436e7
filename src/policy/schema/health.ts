import { z } from 'zod';
import { DEADLINES } from '../../core/deadlines.ts';
import { DEFAULTS } from './defaults.ts';
import { mapping, wait, wholeNumber } from './scalars.ts';

const PATH = 'must be a path such as "/healthz", in printable ASCII without spaces and "#"';

const inARow = (description: string, byDefault: number) =>
  wholeNumber(description, 1, 1_000, byDefault).optional();

export const health = mapping(
  'The application of a URL is asked how it is; while it is unwell, requests get 503 at once.',
  {
    path: z
      .string({ error: PATH })
      .max(2048, { error: PATH })
      .regex(/^\/[!"$-~]*$/, { error: PATH })
      .meta({
        description: 'Path, and query if any, to GET; a status from 200 to 399 is a good answer.',
      }),
    every: wait('From one answer to the next question.', DEADLINES.healthEveryMs).optional(),
    timeout: wait('Until the answer is there.', DEADLINES.healthTimeoutMs).optional(),
    unhealthy: inARow('Bad answers in a row until it is unwell.', DEFAULTS.healthUnhealthy),
    healthy: inARow('Good answers in a row until it is well again.', DEFAULTS.healthHealthy),
  },
);
