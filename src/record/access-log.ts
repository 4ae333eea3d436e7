import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import type { ExchangeRecord } from './exchange-record.ts';
import { escapeLine } from './escape-line.ts';

/** Texts from outside are cut here, so that one hostile request is one short line. */
const MAX_TEXT = 2048;

/**
 * One JSON line per exchange, named by OpenTelemetry's HTTP conventions where these have a name. Fields
 * that are undefined are left out. No field value, query, body or credential is ever in it.
 */
export class AccessLog {
  readonly #write: (fields: object) => void;

  constructor(destination: DestinationStream) {
    const logger = pino(
      { base: null, timestamp: false, messageKey: 'message', formatters: { level: exchangeKind } },
      escapeLine(destination),
    );
    this.#write = (fields) => logger.info(fields);
  }

  write(record: ExchangeRecord): void {
    this.#write(accessFields(record));
  }
}

function accessFields(record: ExchangeRecord): object {
  const { connection, refusal } = record;
  return {
    time: new Date(record.startedAtMs).toISOString(),
    id: record.id,
    'http.request.method': cut(record.method),
    'url.path': cut(record.urlPath),
    'server.address': cut(record.host),
    'http.response.status_code': record.status,
    duration_ms: Math.round(record.durationMs * 1000) / 1000,
    'client.address': connection.remoteAddress,
    'client.port': connection.remotePort,
    'network.protocol.version': record.version,
    'tls.protocol.version': connection.tls?.protocol,
    'http.request.body.size': record.requestBytes,
    'http.response.body.size': record.responseBytes,
    'http.route': record.path,
    route: record.route,
    service: record.service,
    provider: record.provider,
    issuer: cut(record.issuer),
    subject: cut(record.subject),
    tenant: cut(record.tenant),
    tier: record.tier,
    refusal: refusal?.code,
    reason: refusal?.reason?.code,
    reason_detail: cut(refusal?.reason?.detail),
    fault: record.fault,
    fault_detail: cut(record.faultDetail),
    upstream_status: record.upstreamStatus,
    retries: record.retries === 0 ? undefined : record.retries,
    complete: record.isComplete,
  };
}

function cut(text: string | undefined): string | undefined {
  return text === undefined || text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

/** Stands where a level would: tells exchanges from the system log's lines when both share a stream. */
function exchangeKind(): object {
  return { kind: 'exchange' };
}
