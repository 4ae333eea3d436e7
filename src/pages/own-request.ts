import { providerFailed } from '../evaluate/auth/auth-refusal.ts';
import { LazyEndpointRequest } from '../evaluate/auth/endpoint-request.ts';
import { setCookieField } from '../browser/set-cookie.ts';
import type { InboundRequest, ResponseSink } from '../core/message.ts';
import { refuse } from '../core/refusal.ts';
import type { Refusal, RefusalReason } from '../core/refusal.ts';
import type { ReadAnswer } from '../plugin/host/host.ts';
import type { PolicySnapshot } from '../policy/snapshot/snapshot.ts';
import { decisionField, lookOf, ownResponseFields, sendOwnResponse } from '../respond/respond.ts';
import type { OwnMatch } from '../evaluate/route/match.ts';
import type { Generation } from '../evaluate/generation.ts';
import { namedReason } from '../telemetry/names/names.ts';

/** What a page needs of the exchange that asks for it. */
export interface OwnExchange {
  readonly id: string;
  readonly request: InboundRequest;
  readonly sink: ResponseSink;
  readonly policy: PolicySnapshot;
  readonly hsts: string | undefined;
  readonly signal: AbortSignal;
  readonly isAborted: boolean;
  readonly notes: { provider(name: string): void; pageReason(reason: RefusalReason): void };
}

/** One request for a page of ours. */
export interface OwnRequest {
  readonly exchange: OwnExchange;
  readonly generation: Generation;
  readonly match: OwnMatch;
  /** Told before a page that says no is sent. */
  readonly onPageRefused: (status: number, reason: RefusalReason) => void;
}

export const NO_BODY = new Uint8Array(0);

/** The request as an endpoint sees it. */
export function viewOf({ exchange, generation, match }: OwnRequest, body: Uint8Array = NO_BODY) {
  const { id: exchangeId, request, policy } = exchange;
  const { publicPort } = generation;
  const look = lookOf(policy.gateway.pages);
  const parts = { exchangeId, request, rule: match.rule, publicPort };
  return new LazyEndpointRequest(parts, { body, look });
}

/** Sends an answer of ours whole. */
export function sendOwn(
  exchange: OwnExchange,
  { status, headers, body, setCookies, reason }: ReadAnswer,
  nowMs: number,
): void {
  if (exchange.isAborted) return;
  const fields = ownResponseFields(headers, {
    hsts: exchange.hsts,
    nowMs,
    setCookies: setCookies.map(setCookieField),
    decision: reason && decisionField(reason.code, exchange.id),
  });
  const bodyless = status === 204 || status === 205 || status === 304;
  sendOwnResponse(exchange.sink, { status, headers: fields, body, bodyless });
}

export function storeFailed(provider: string, thrown: unknown): Refusal {
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return providerFailed(provider, namedReason('session.store', detail));
}

/** RFC 9110 15.5.6: a 405 says which methods there are. */
export function notAllowed(methods: readonly string[]): Refusal {
  return refuse('method_not_allowed', { headers: ['allow', methods.join(', ')] });
}
