import type { CorsPolicy } from '../policy/snapshot.ts';
import { corsFields, isPreflight, preflightFields } from '../respond/cors.ts';
import { httpDate } from '../respond/http-date.ts';
import type { Exchange } from './exchange.ts';

/**
 * What the route says to scripts of other sites: on every response of this exchange, and at once, before
 * authentication, to a browser that asks beforehand (a preflight brings no credential). True: answered.
 */
export function crossOrigin(
  exchange: Exchange,
  cors: CorsPolicy | undefined,
  nowMs: number,
): boolean {
  if (cors === undefined) return false;
  const { method, headers, body } = exchange.request;
  if (!isPreflight(method, headers)) {
    exchange.ownsCors = true;
    exchange.responseFields.push(...corsFields(cors, headers));
    return false;
  }
  body.discard();
  const fields = ['date', httpDate(nowMs), ...preflightFields(cors, headers)];
  exchange.sink.head(204, fields, { length: 0, bodyless: true });
  exchange.sink.end();
  return true;
}
