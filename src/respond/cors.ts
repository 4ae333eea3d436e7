import { fieldsThatAre } from '../core/fields/fields.ts';
import { firstField } from '../core/header-list.ts';
import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';
import type { CorsPolicy } from '../policy/snapshot/snapshot.ts';

/** What scripts of other sites may read of a refusal, beside what CORS always shows. */
const EXPOSED = 'www-authenticate, retry-after, ratelimit, ratelimit-policy, fairlead-decision';

/** Fields of every response of a route with CORS, refusals included; closed by default (B9). */
export function corsFields(cors: CorsPolicy, headers: HeaderList): HeaderList {
  const fields = originFields(cors, headers);
  return fields.length === 0
    ? VARY
    : [...fields, ...VARY, 'access-control-expose-headers', EXPOSED];
}

/** The answer; without any field that allows something when the origin is not one of the route's. */
export function preflightFields(cors: CorsPolicy, headers: HeaderList): HeaderList {
  const fields = originFields(cors, headers);
  if (fields.length === 0) return VARY;
  return [
    ...fields,
    ...VARY,
    'access-control-allow-methods',
    cors.methods.join(', '),
    ...(cors.headers.length === 0 ? [] : ['access-control-allow-headers', cors.headers.join(', ')]),
    'access-control-max-age',
    String(Math.floor(cors.maxAgeMs / 1000)),
  ];
}

/** Fields of an application that the policy's replace. */
export const CORS_FIELDS = fieldsThatAre('cors');

/** RFC 9110 12.5.5: the answer differs by origin, whether it allows this one or not. */
const VARY: HeaderList = ['vary', 'Origin'];

function originFields(cors: CorsPolicy, headers: HeaderList): MutableHeaderList {
  const origin = firstField(headers, 'origin');
  if (origin === undefined) return [];
  if (cors.origins.has('*')) return ['access-control-allow-origin', '*'];
  if (!cors.origins.has(origin)) return [];
  const fields = ['access-control-allow-origin', origin];
  if (cors.credentials) fields.push('access-control-allow-credentials', 'true');
  return fields;
}
