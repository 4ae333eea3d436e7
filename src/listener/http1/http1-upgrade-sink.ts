import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { GatewayError } from '../../core/errors.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions, ResponseSink } from '../../core/message.ts';
import { Http1Sink, interimHead } from './http1-sink.ts';
import { framedFields } from '../http/response-fields.ts';
import { clientGone, SinkState } from '../http/sink-state.ts';

/**
 * The answer to an upgrade: an ordinary last response through node's ServerResponse, or, from a head of
 * 101 on, octets as they are.
 */
export class UpgradeSink implements ResponseSink {
  readonly #socket: Socket;
  readonly #response: ServerResponse;
  readonly #http: Http1Sink;
  readonly #state = new SinkState();
  readonly #onClosed: (error: GatewayError | undefined) => void;
  #isSwitched = false;

  constructor(
    request: IncomingMessage,
    socket: Socket,
    onClosed: (error: GatewayError | undefined) => void,
  ) {
    this.#socket = socket;
    this.#onClosed = onClosed;
    this.#response = new ServerResponse(request);
    this.#response.assignSocket(socket);
    this.#http = new Http1Sink(this.#response, {
      mustClose: () => true,
      onClosed: (error) => this.#close(error),
    });
    this.#http.onDrain(() => this.#state.drained());
    socket.on('drain', () => this.#drained());
    socket.once('close', () => this.#close(clientGone('the connection closed')));
  }

  get isHeadSent(): boolean {
    return this.#isSwitched || this.#http.isHeadSent;
  }

  get isClosed(): boolean {
    return this.#state.isOver || (!this.#isSwitched && this.#http.isClosed);
  }

  informational(status: number, headers: HeaderList): boolean {
    return this.#isSwitched || this.#http.informational(status, headers);
  }

  head(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    if (this.isClosed || this.isHeadSent) return;
    if (status !== 101) return this.#http.head(status, headers, options);
    this.#isSwitched = true;
    this.#response.detachSocket(this.#socket);
    const own = ['connection', 'Upgrade', 'upgrade', 'websocket'];
    const fields = [...framedFields(101, headers, { length: undefined }), ...own];
    this.#socket.write(interimHead(101, fields), 'latin1');
  }

  data(chunk: Uint8Array): boolean {
    if (!this.#isSwitched) return this.#http.data(chunk);
    return this.isClosed || this.#socket.write(chunk);
  }

  end(trailers?: HeaderList): void {
    if (this.isClosed) return;
    if (!this.#isSwitched) return this.#http.end(trailers);
    this.#state.markEnded();
    this.#socket.end(() => this.#close(undefined));
  }

  abort(error: GatewayError): void {
    if (this.#state.isClosed) return;
    this.#socket.destroy();
    this.#close(error);
  }

  onDrain(listener: () => void): void {
    this.#state.onDrain(listener);
  }

  onClose(listener: (error: GatewayError | undefined) => void): void {
    this.#state.onClose(listener);
  }

  /** Node passes this on only for sockets that its server still serves. */
  #drained(): void {
    if (this.#isSwitched) this.#state.drained();
    else this.#response.emit('drain');
  }

  #close(error: GatewayError | undefined): void {
    if (this.#state.close(error)) this.#onClosed(error);
  }
}
