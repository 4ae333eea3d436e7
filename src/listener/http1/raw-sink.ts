import type { Socket } from 'node:net';
import type { GatewayError } from '../../core/errors.ts';
import { hasField } from '../../core/header-list.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions } from '../../core/message.ts';
import { clientGone } from '../http/client-gone.ts';
import { framedFields } from '../http/response-fields.ts';
import { SinkBase } from '../http/sink-base.ts';
import { headText } from './head-text.ts';

/**
 * The response to something that never became a request for node's parser: always the last of its
 * connection. `onDone` is called once, when it was written or the connection is gone.
 */
export class RawSink extends SinkBase {
  readonly #socket: Socket;

  constructor(socket: Socket, onDone: () => void) {
    super(onDone);
    this.#socket = socket;
    socket.on('drain', () => this.drained());
    socket.once('close', () => this.closed(clientGone('the connection closed')));
  }

  protected writeInterim(): boolean {
    // A refusal has nothing to say in between.
    return true;
  }

  protected writeHead(status: number, headers: HeaderList, options: ResponseHeadOptions): void {
    const fields = framedFields(status, headers, options);
    if (!hasField(fields, 'date')) fields.push('date', new Date().toUTCString());
    this.#socket.write(headText(status, [...fields, 'connection', 'close']), 'latin1');
  }

  protected writeData(chunk: Uint8Array): boolean {
    return this.#socket.write(chunk);
  }

  protected writeEnd(): void {
    this.#socket.write('', (error) => this.closed(error ? clientGone(error.message) : undefined));
  }

  protected cut(_error: GatewayError): void {
    this.#socket.destroy();
  }
}
