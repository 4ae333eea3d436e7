import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { GatewayError } from '../../core/errors.ts';
import { fieldPairs } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions } from '../../core/message.ts';
import { clientGone } from '../http/client-gone.ts';
import { framedFields } from '../http/response-fields.ts';
import { SinkBase } from '../http/sink-base.ts';
import { headText } from './head-text.ts';

/** What the connection decides for a response. */
export interface Http1SinkHost {
  /** Asked when the head goes out. */
  mustClose(): boolean;
  /** Called once, after the close listener. */
  onClosed(error: GatewayError | undefined): void;
}

/** One response over node's ServerResponse, which frames and adds Date (E23). */
export class Http1Sink extends SinkBase {
  readonly #response: ServerResponse;
  readonly #host: Http1SinkHost;
  #hasWritten = false;
  #isAwaitingSocket = false;

  constructor(response: ServerResponse, host: Http1SinkHost) {
    super((error) => host.onClosed(error));
    this.#response = response;
    this.#host = host;
    response.on('error', () => {});
    response.on('drain', () => this.drained());
    response.on('finish', () => this.closed(undefined));
    response.on('close', () => {
      // An error costs its stack, and nearly every response is finished by now.
      if (response.writableFinished) return;
      this.closed(clientGone('the connection closed within the response'));
    });
  }

  /** The 100 that a body was waiting for (E18). */
  sendContinue(): void {
    if (!this.isClosed && !this.isHeadSent) this.#response.writeContinue();
  }

  protected writeInterim(status: number, headers: HeaderList): boolean {
    // RFC 9110 15.2: a client of 1.0 does not know interim responses.
    const { req, socket } = this.#response;
    if (req.httpVersion === '1.0' || socket === null) return true;
    if (socket.write(headText(status, headers), 'latin1')) return true;
    this.#awaitSocket(socket);
    return false;
  }

  protected writeHead(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    const response = this.#response;
    if (options.closeConnection || this.#host.mustClose()) response.shouldKeepAlive = false;
    response.writeHead(status, framedFields(status, headers, options));
    // Node holds a head back for its first octet, and an event stream may have none for an hour.
    if (!this.isBodyless && options.length !== 0) process.nextTick(() => this.#flush());
  }

  protected writeData(chunk: Uint8Array): boolean {
    this.#hasWritten = true;
    return this.#response.write(chunk);
  }

  protected writeEnd(trailers: HeaderList): void {
    // Node sends them only where the body is chunked; elsewhere they have no place (RFC 9112 7.1.2).
    if (trailers.length > 0) this.#response.addTrailers(fieldPairs(trailers));
    this.#response.end();
  }

  protected cut(_error: GatewayError): void {
    this.#response.socket?.destroy();
  }

  /** Node tells a response only of the writes that it made itself. One listener, however many are held. */
  #awaitSocket(socket: Socket): void {
    if (this.#isAwaitingSocket) return;
    this.#isAwaitingSocket = true;
    socket.once('drain', () => {
      this.#isAwaitingSocket = false;
      this.drained();
    });
  }

  #flush(): void {
    if (!this.#hasWritten && !this.isClosed) this.#response.flushHeaders();
  }
}
