import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { GatewayError } from '../../core/errors.ts';
import { fieldPairs, hasField } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions, ResponseSink } from '../../core/message.ts';
import { framedFields } from '../http/response-fields.ts';
import { clientGone, SinkState } from '../http/sink-state.ts';

/**
 * The response to something that never became a request for node's parser: written by hand, always the
 * last of its connection. `onDone` is called once, when it was written or the connection is gone.
 */
export class RawSink implements ResponseSink {
  readonly #socket: Socket;
  readonly #state = new SinkState();
  readonly #onDone: () => void;
  #isBodyless = false;

  constructor(socket: Socket, onDone: () => void) {
    this.#socket = socket;
    this.#onDone = onDone;
    socket.on('drain', () => this.#state.drained());
    socket.once('close', () => this.#close(clientGone('the connection closed')));
  }

  get isHeadSent(): boolean {
    return this.#state.isHeadSent;
  }

  get isClosed(): boolean {
    return this.#state.isOver;
  }

  informational(): boolean {
    // A refusal has nothing to say in between.
    return true;
  }

  head(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    if (this.isClosed || this.isHeadSent) return;
    this.#state.isHeadSent = true;
    this.#isBodyless = options.bodyless === true;
    const fields = framedFields(status, headers, options);
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    for (const [name, value] of fieldPairs(fields)) head += `${name}: ${value}\r\n`;
    if (!hasField(fields, 'date')) head += `date: ${new Date().toUTCString()}\r\n`;
    this.#socket.write(`${head}connection: close\r\n\r\n`, 'latin1');
  }

  data(chunk: Uint8Array): boolean {
    if (this.isClosed || this.#isBodyless) return true;
    return this.#socket.write(chunk);
  }

  end(): void {
    if (this.isClosed) return;
    this.#state.markEnded();
    this.#socket.write('', () => this.#close(undefined));
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

  #close(error: GatewayError | undefined): void {
    if (this.#state.close(error)) this.#onDone();
  }
}
