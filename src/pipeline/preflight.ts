import type { CorsPolicy } from '../policy/snapshot/snapshot.ts';
import { httpDate, preflightFields, sendOwnResponse } from '../respond/respond.ts';
import type { Exchange } from './exchange.ts';

const NO_BODY = new Uint8Array(0);

/** Answers a browser that asks beforehand what scripts of other sites may do (Fetch 4.8). */
export function answerPreflight(
  { request, sink }: Exchange,
  cors: CorsPolicy,
  nowMs: number,
): void {
  request.body.discard();
  const fields = ['date', httpDate(nowMs), ...preflightFields(cors, request.headers)];
  sendOwnResponse(sink, { status: 204, headers: fields, body: NO_BODY, bodyless: true });
}
