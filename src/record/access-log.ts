import type { DestinationStream } from 'pino';
import type { ClientConnection } from '../core/message.ts';
import { endOf } from './connection-record.ts';
import type { ConnectionRecord } from './connection-record.ts';
import type { ExchangeRecord } from './exchange-record.ts';
import { isoTime } from './iso-time.ts';
import { jsonLine } from './json-line.ts';
import type { AccessFieldName } from '../telemetry/names/names.ts';

/** A line of the kind, with every field of the register: a field more or less does not compile. */
type Line<Kind extends 'exchange' | 'connection'> = Readonly<
  Record<AccessFieldName<Kind>, string | number | boolean | undefined>
>;

/** Texts from outside are cut here, so that one hostile request is one short line. */
const MAX_TEXT = 2048;

/**
 * One JSON line per exchange, and one per passthrough connection; `kind` stands where a level would, and tells
 * these from the system log's lines on one stream. Fields are named by OpenTelemetry's HTTP conventions where these have a name. Fields
 * that are undefined are left out. No field value, query, body or credential is ever in it.
 */
export class AccessLog {
  readonly #destination: DestinationStream;

  constructor(destination: DestinationStream) {
    this.#destination = destination;
  }

  write(record: ExchangeRecord): void {
    this.#destination.write(jsonLine('exchange', accessFields(record)));
  }

  writeConnection(record: ConnectionRecord): void {
    this.#destination.write(jsonLine('connection', connectionFields(record)));
  }
}

function connectionFields(record: ConnectionRecord): Line<'connection'> {
  const { connection, refusal } = record;
  return {
    time: isoTime(record.startedAtMs),
    id: record.id,
    'server.address': record.serverName,
    duration_ms: Math.round(record.durationMs * 1000) / 1000,
    'client.address': connection.remoteAddress,
    'client.port': connection.remotePort,
    'network.peer.address': peerOf(connection.remoteAddress, connection),
    from_client_bytes: record.fromClientBytes,
    to_client_bytes: record.toClientBytes,
    route: record.route,
    service: record.service,
    refusal: refusal?.code,
    reason: refusal?.reason?.code,
    reason_detail: cut(refusal?.reason?.detail),
    fault: record.fault,
    fault_detail: cut(record.faultDetail),
    complete: endOf(record) === 'complete',
  };
}

function accessFields(record: ExchangeRecord): Line<'exchange'> {
  const { connection, refusal, pageReason } = record;
  const reason = refusal?.reason ?? pageReason;
  return {
    time: isoTime(record.startedAtMs),
    id: record.id,
    'http.request.method': cut(record.method),
    'url.path': cut(record.urlPath),
    'server.address': cut(record.host),
    'http.response.status_code': record.status,
    duration_ms: Math.round(record.durationMs * 1000) / 1000,
    'client.address': record.clientAddress,
    'client.port': portOf(record),
    'network.peer.address': peerOf(record.clientAddress, connection),
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
    reason: reason?.code,
    reason_detail: cut(reason?.detail),
    fault: record.fault,
    fault_detail: cut(record.faultDetail),
    upstream_status: record.upstreamStatus,
    retries: record.retries === 0 ? undefined : record.retries,
    complete: record.isComplete,
  };
}

/** A proxy names the address of its client, and seldom the port. */
function portOf({ clientAddress, connection }: ExchangeRecord): number | undefined {
  return clientAddress === connection.remoteAddress ? connection.remotePort : undefined;
}

function peerOf(clientAddress: string, { peerAddress }: ClientConnection): string | undefined {
  return clientAddress === peerAddress ? undefined : peerAddress;
}

function cut(text: string | undefined): string | undefined {
  return text === undefined || text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
