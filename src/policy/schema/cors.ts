import { z } from 'zod';
import { DEFAULTS } from './defaults.ts';
import { mapping, wait } from './scalars.ts';

const ORIGIN_WANTED = 'must be an origin such as "https://app.example.com", or "*"';
const METHOD = /^[A-Z]{1,32}$/;
const METHOD_WANTED = 'must be a method in capitals such as "PUT"';
const FIELD = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;
const FIELD_WANTED = 'must be the name of a header';

/** Exactly what a browser sends as Origin: a comparison of texts, no patterns. */
function isOrigin(value: string): boolean {
  return value === '*' || URL.parse(value)?.origin === value;
}

export const cors = mapping('Other sites whose scripts may use this route (CORS).', {
  origins: z
    .array(z.string({ error: ORIGIN_WANTED }).refine(isOrigin, { error: ORIGIN_WANTED }), {
      error: 'must be a list of origins',
    })
    .min(1, { error: 'must name at least one origin' })
    .meta({ description: 'Origins such as https://app.example.com; "*" for all of them.' }),
  methods: z
    .array(z.string({ error: METHOD_WANTED }).regex(METHOD, { error: METHOD_WANTED }), {
      error: 'must be a list of methods',
    })
    .optional()
    .meta({ description: 'Methods in addition to GET, HEAD and POST.' }),
  headers: z
    .array(z.string({ error: FIELD_WANTED }).regex(FIELD, { error: FIELD_WANTED }), {
      error: 'must be a list of headers',
    })
    .optional()
    .meta({ description: 'Request headers that scripts may set.' }),
  credentials: z.boolean({ error: 'must be true or false' }).optional().meta({
    description: 'Whether cross-origin requests may carry cookies.',
    byDefault: DEFAULTS.corsCredentials,
  }),
  maxAge: wait('How long a browser may remember the answer.', DEFAULTS.corsMaxAgeMs).optional(),
}).refine(({ origins, credentials }) => credentials !== true || !origins.includes('*'), {
  path: ['origins'],
  error: 'must name each origin when "credentials" is true',
});

export type CorsInput = z.output<typeof cors>;
