import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { GatewayError } from '../../core/errors.ts';
import { fieldPairs } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions, ResponseSink } from '../../core/message.ts';
import { framedFields, LengthCount } from '../http/response-fields.ts';
import { clientGone, SinkState } from '../http/sink-state.ts';

/** What the connection decides for a response. */
export interface Http1SinkHost {
  /** Asked when the head goes out. */
  mustClose(): boolean;
  /** Called once, after the close listener. */
  onClosed(error: GatewayError | undefined): void;
}

/** One response over node's ServerResponse, which frames and adds Date (E23). */
export class Http1Sink implements ResponseSink {
  readonly #response: ServerResponse;
  readonly #host: Http1SinkHost;
  readonly #state = new SinkState();
  #count = new LengthCount(undefined);
  #isBodyless = false;
  #hasWritten = false;
  #isAwaitingSocket = false;

  constructor(response: ServerResponse, host: Http1SinkHost) {
    this.#response = response;
    this.#host = host;
    response.on('error', () => {});
    response.on('drain', () => this.#state.drained());
    response.on('finish', () => this.#close(undefined));
    response.on('close', () => {
      // An error costs its stack, and nearly every response is finished by now.
      if (response.writableFinished) return;
      this.#close(clientGone('the connection closed within the response'));
    });
  }

  get isHeadSent(): boolean {
    return this.#state.isHeadSent;
  }

  get isClosed(): boolean {
    return this.#state.isOver;
  }

  informational(status: number, headers: HeaderList): boolean {
    const isLegal = status >= 100 && status < 200 && status !== 101;
    if (this.isClosed || this.isHeadSent || !isLegal) return true;
    // RFC 9110 15.2: a client of 1.0 does not know interim responses.
    const { req, socket } = this.#response;
    if (req.httpVersion === '1.0' || socket === null) return true;
    if (socket.write(interimHead(status, headers), 'latin1')) return true;
    this.#awaitSocket(socket);
    return false;
  }

  /** Node tells a response only of the writes that it made itself. One listener, however many are held. */
  #awaitSocket(socket: Socket): void {
    if (this.#isAwaitingSocket) return;
    this.#isAwaitingSocket = true;
    socket.once('drain', () => {
      this.#isAwaitingSocket = false;
      this.#state.drained();
    });
  }

  /** The 100 that a body was waiting for (E18). */
  sendContinue(): void {
    if (!this.isClosed && !this.isHeadSent) this.#response.writeContinue();
  }

  head(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    if (this.isClosed || this.isHeadSent) return;
    const response = this.#response;
    if (options.closeConnection || this.#host.mustClose()) response.shouldKeepAlive = false;
    this.#isBodyless = options.bodyless === true;
    this.#count = new LengthCount(this.#isBodyless ? 0 : options.length);
    this.#state.isHeadSent = true;
    try {
      response.writeHead(status, framedFields(status, headers, options));
      // Node holds a head back for its first octet, and an event stream may have none for an hour.
      if (!this.#isBodyless && options.length !== 0) process.nextTick(() => this.#flush());
    } catch (cause) {
      this.abort(new GatewayError('internal', { detail: 'the response head is not HTTP', cause }));
    }
  }

  data(chunk: Uint8Array): boolean {
    if (this.isClosed || this.#isBodyless || chunk.length === 0) return true;
    if (!this.#count.take(chunk.length)) {
      this.abort(
        new GatewayError('upstream_protocol_error', {
          detail: 'body longer than its Content-Length',
        }),
      );
      return true;
    }
    this.#hasWritten = true;
    return this.#response.write(chunk);
  }

  end(trailers?: HeaderList): void {
    if (this.isClosed) return;
    if (!this.#count.isExact) {
      this.abort(
        new GatewayError('upstream_reset', { detail: 'body shorter than its Content-Length' }),
      );
      return;
    }
    this.#state.markEnded();
    // Node sends them only where the body is chunked; elsewhere they have no place (RFC 9112 7.1.2).
    if (trailers && trailers.length > 0) this.#response.addTrailers(fieldPairs(trailers));
    this.#response.end();
  }

  abort(error: GatewayError): void {
    if (this.#state.isClosed) return;
    this.#response.socket?.destroy();
    this.#close(error);
  }

  onDrain(listener: () => void): void {
    this.#state.onDrain(listener);
  }

  onClose(listener: (error: GatewayError | undefined) => void): void {
    this.#state.onClose(listener);
  }

  #flush(): void {
    if (!this.#hasWritten && !this.isClosed) this.#response.flushHeaders();
  }

  #close(error: GatewayError | undefined): void {
    if (this.#state.close(error)) this.#host.onClosed(error);
  }
}

/** The head of a 1xx. Fields that could break it are left out: interim responses are advice only (E22). */
export function interimHead(status: number, headers: HeaderList): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (const [name, value] of fieldPairs(headers)) {
    // A tab is a control character and allowed in a value (RFC 9110 5.5).
    // eslint-disable-next-line no-control-regex
    const isSafe = /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
    if (isSafe) head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}
