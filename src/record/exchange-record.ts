import type { ClientConnection, InboundRequest, RefusedAttempt } from '../core/message.ts';
import type { Refusal } from '../core/refusal.ts';

/** What the record will say; filled by the stages on the way. */
export interface ExchangeNotes {
  route: string | undefined;
  path: string | undefined;
  service: string | undefined;
  provider: string | undefined;
  subject: string | undefined;
  issuer: string | undefined;
  tenant: string | undefined;
  tier: string | undefined;
  refusal: Refusal | undefined;
  fault: string | undefined;
  faultDetail: string | undefined;
  upstreamStatus: number | undefined;
  retries: number;
  requestBytes: number;
}

/** The same once it is written down. */
export type RecordedNotes = Readonly<ExchangeNotes>;

/** Which exchange, and how it went out. */
export interface ExchangeEnd {
  readonly id: string;
  readonly durationMs: number;
  /** The status sent; undefined when none was. */
  readonly status: number | undefined;
  readonly responseBytes: number;
  /** False: the client did not get the whole response. */
  readonly isComplete: boolean;
}

/** Everything known of one exchange at its end. Exactly one is made for each, on every way out. */
export interface ExchangeRecord extends RecordedNotes, ExchangeEnd {
  readonly startedAtMs: number;
  readonly method: string | undefined;
  readonly host: string | undefined;
  /** Without the query, which may hold what is nobody's business. */
  readonly urlPath: string | undefined;
  readonly version: string | undefined;
  readonly connection: ClientConnection;
}

/**
 * The record of a request, or of an attempt that the listener refused. `normalPath` is the routed
 * path; without it the target as received is taken, up to its query.
 */
export function exchangeRecord(
  request: InboundRequest | RefusedAttempt,
  notes: RecordedNotes,
  end: ExchangeEnd,
  normalPath?: string,
): ExchangeRecord {
  return {
    ...notes,
    ...end,
    startedAtMs: request.receivedAtMs,
    method: request.method,
    host: request.host,
    urlPath: normalPath ?? withoutQuery(request.target),
    version: request.version,
    connection: request.connection,
  };
}

/** Notes of an exchange that no stage has touched: a new one, or an attempt the listener refused. */
export function emptyNotes(refusal?: Refusal): ExchangeNotes {
  return {
    route: undefined,
    path: undefined,
    service: undefined,
    provider: undefined,
    subject: undefined,
    issuer: undefined,
    tenant: undefined,
    tier: undefined,
    refusal,
    fault: undefined,
    faultDetail: undefined,
    upstreamStatus: undefined,
    retries: 0,
    requestBytes: 0,
  };
}

function withoutQuery(target: string | undefined): string | undefined {
  return target?.split(/[?#]/, 1)[0];
}
