import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { fieldValues, firstField, withoutField } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import { connectionFault } from '../connection-fault.ts';
import type { OpenConnection } from '../http1/connection-pool.ts';
import type { ConnectionReports } from '../connection-reports.ts';
import { UpgradedStream } from './upgraded-stream.ts';
import type { UpstreamCall, UpstreamReceiver, UpstreamRequest } from '../upstream.ts';

export interface UpgradeCallOptions {
  readonly request: UpstreamRequest;
  readonly receiver: UpstreamReceiver;
  readonly open: OpenConnection;
  readonly clock: Pick<Clock, 'after'>;
  readonly reports: ConnectionReports;
  /** Called once, when the connection is of no use any more. */
  readonly release: () => void;
}

/** RFC 6455 1.3. */
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * One upgrade on a connection of its own, which is never pooled, whatever the answer. Node's client
 * lends its strict parser; undici's would take any answer but 101 for an error.
 */
export class UpgradeCall implements UpstreamCall {
  readonly #options: UpgradeCallOptions;
  readonly #key: string;
  #client: ClientRequest | undefined;
  #connection: Duplex | undefined;
  #response: IncomingMessage | undefined;
  #stream: UpgradedStream | undefined;
  #isPaused = false;
  #isDone = false;

  constructor(options: UpgradeCallOptions) {
    this.#options = options;
    const given = fieldValues(options.request.headers, 'sec-websocket-key');
    // RFC 8441 5: a client over HTTP/2 has none, but the application over HTTP/1.1 wants one.
    this.#key = given.length === 1 ? given[0]! : randomBytes(16).toString('base64');
  }

  start(): void {
    const { open, request } = this.#options;
    open(request.service).then(
      (connection) => this.#write(connection),
      (error: unknown) => this.#fail(error as Error),
    );
  }

  pause(): void {
    this.#isPaused = true;
    // Node reads on by itself after an interim response, in this turn.
    if (!this.#hasAnswer) process.nextTick(() => this.#holdConnection());
    this.#response?.pause();
    this.#stream?.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (!this.#hasAnswer) this.#connection?.resume();
    this.#response?.resume();
    this.#stream?.resume();
  }

  get #hasAnswer(): boolean {
    return this.#response !== undefined || this.#stream !== undefined;
  }

  #holdConnection(): void {
    if (this.#isPaused && !this.#hasAnswer) this.#connection?.pause();
  }

  abort(): void {
    if (!this.#finish()) return;
    this.#client?.destroy();
    this.#stream?.destroy();
  }

  /** Fails the request, and closes its connection. */
  cut(error: GatewayError): void {
    this.#fail(error);
    this.#client?.destroy();
    this.#stream?.destroy();
  }

  #write(connection: Duplex): void {
    if (this.#isDone) return void connection.destroy();
    this.#options.receiver.connected();
    const { method, target } = this.#options.request;
    let client: ClientRequest;
    try {
      client = httpRequest({
        createConnection: () => connection,
        method,
        path: target,
        headers: upgradeFields(this.#options.request.headers, this.#key),
        setHost: false,
        maxHeaderSize: this.#options.request.service.responseHeadBytes,
      });
    } catch (error) {
      connection.destroy();
      return this.#fail(error as Error);
    }
    this.#client = client;
    this.#connection = connection;
    client.on('error', (error) => this.#lost(connection, error));
    client.on('finish', () => this.#options.receiver.sent());
    client.on('information', ({ statusCode, rawHeaders }) =>
      this.#options.receiver.informational(statusCode, rawHeaders),
    );
    client.on('response', (response) => this.#answered(response));
    client.on('upgrade', (response, stream, first) => this.#switched(response, stream, first));
    client.end();
  }

  /** Not 101: the application's ordinary answer. */
  #answered(response: IncomingMessage): void {
    if (this.#isDone) return;
    // Node takes a 101 without Upgrade for an ordinary response.
    if (response.statusCode === 101) return this.cut(notAgreed());
    const { receiver } = this.#options;
    this.#response = response;
    receiver.head(response.statusCode!, response.rawHeaders);
    response.on('data', (chunk: Buffer) => !this.#isDone && receiver.data(chunk));
    response.on('end', () => this.#finish() && receiver.end(response.rawTrailers));
    response.on('error', (error) => this.#fail(error));
    response.on('close', () => this.#fail(new Error('the response was cut')));
    if (this.#isPaused) response.pause();
  }

  #switched(response: IncomingMessage, connection: Duplex, first: Buffer): void {
    if (this.#isDone) return void connection.destroy();
    const fault = this.#judge(response.rawHeaders);
    if (fault !== undefined) {
      connection.destroy();
      return this.#fail(fault);
    }
    const { receiver, request } = this.#options;
    this.#stream = new UpgradedStream(connection, {
      receiver,
      body: request.body,
      clock: this.#options.clock,
      finish: () => this.#finish(),
    });
    receiver.head(101, response.rawHeaders);
    if (this.#isPaused) this.#stream.pause();
    if (!this.#isDone) this.#stream.start(first);
  }

  /** RFC 6455 4.1: the proof must be that of our key, and the protocol the one asked for. */
  #judge(headers: HeaderList): GatewayError | undefined {
    const wanted = createHash('sha1').update(`${this.#key}${WEBSOCKET_GUID}`).digest('base64');
    const isProven = firstField(headers, 'sec-websocket-accept')?.trim() === wanted;
    if (isProven && firstField(headers, 'upgrade')?.toLowerCase() === 'websocket') return undefined;
    return notAgreed();
  }

  /** The connection failed, or what came on it is not HTTP. */
  #lost(connection: Duplex, error: Error): void {
    if (this.#isDone) return;
    const fault = connectionFault(error, false);
    this.#options.reports.failed(connection, fault);
    this.#fail(fault);
  }

  #fail(error: Error): void {
    if (this.#finish()) this.#options.receiver.fail(connectionFault(error, false));
  }

  #finish(): boolean {
    if (this.#isDone) return false;
    this.#isDone = true;
    this.#options.release();
    return true;
  }
}

function notAgreed(): GatewayError {
  const detail = 'the application answered 101 without agreeing to this WebSocket';
  return new GatewayError('upstream_protocol_error', { detail });
}

function upgradeFields(headers: HeaderList, key: string): string[] {
  const kept = withoutField(headers, 'sec-websocket-key');
  return [...kept, 'sec-websocket-key', key, 'connection', 'Upgrade', 'upgrade', 'websocket'];
}
