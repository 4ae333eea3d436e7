import type { ExchangeNotes } from '../core/exchange-notes.ts';
import type { ClientConnection, InboundRequest, RefusedAttempt } from '../core/message.ts';

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
export interface ExchangeRecord extends Readonly<ExchangeNotes>, ExchangeEnd {
  readonly startedAtMs: number;
  readonly method: string | undefined;
  readonly host: string | undefined;
  /** Without the query, which may hold what is nobody's business. */
  readonly urlPath: string | undefined;
  readonly version: string | undefined;
  readonly connection: ClientConnection;
  readonly clientAddress: string;
}

/**
 * The record of a request, or of an attempt that the listener refused. `normalPath` is the routed
 * path; without it the target as received is taken, up to its query.
 */
export function exchangeRecord(
  request: InboundRequest | RefusedAttempt,
  notes: Readonly<ExchangeNotes>,
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
    clientAddress: request.clientAddress,
  };
}

function withoutQuery(target: string | undefined): string | undefined {
  return target?.split(/[?#]/, 1)[0];
}
