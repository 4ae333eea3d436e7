import { hasField } from '../core/header-list.ts';
import type { Answered } from '../evaluate/decision.ts';
import type { CorsPolicy } from '../policy/snapshot/snapshot.ts';
import { httpDate, preflightFields, ruledFields, sendOwnResponse } from '../respond/respond.ts';
import type { Exchange } from './exchange.ts';

const NO_BODY = new Uint8Array(0);
const BODYLESS: ReadonlySet<number> = new Set([204, 205]);

/** Answers with what the policy says in place of a service: a redirect, or a fixed answer. */
export function answerByPolicy(exchange: Exchange, decision: Answered, nowMs: number): void {
  const { request, sink, hsts } = exchange;
  request.body.discard();
  const { status, headers, body } = contentOf(decision);
  const bodyless = request.method === 'HEAD' || BODYLESS.has(status);
  const said = ['date', httpDate(nowMs), 'x-content-type-options', 'nosniff', ...headers];
  const { responseFields } = decision.match.rule;
  const fields = [...ruledFields(said, responseFields, decision.responseFields)];
  if (hsts !== undefined) fields.push('strict-transport-security', hsts);
  // What somebody got for a login is nobody else's.
  const isPrivate = decision.identity !== undefined && !hasField(fields, 'cache-control');
  if (isPrivate) fields.push('cache-control', 'private, no-store');
  fields.push(...decision.permit.fields);
  const length = BODYLESS.has(status) ? 0 : body.byteLength;
  sendOwnResponse(sink, {
    status,
    headers: exchange.ownFields.joinedTo(fields),
    body: bodyless ? NO_BODY : body,
    length,
    bodyless,
  });
}

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

function contentOf(decision: Answered) {
  if (decision.kind === 'redirect') {
    const { status, location } = decision;
    return { status, headers: ['location', location], body: NO_BODY };
  }
  const { status, headers, body } = decision.answer;
  return { status, headers, body };
}
