import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { GatewayError } from '../../core/errors.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { ResponseHeadOptions } from '../../core/message.ts';
import { clientGone } from '../http/client-gone.ts';
import { framedFields } from '../http/response-fields.ts';
import { headText } from './head-text.ts';
import { Http1Sink } from './http1-sink.ts';

const SWITCHING: HeaderList = ['connection', 'Upgrade', 'upgrade', 'websocket'];

/**
 * The answer to an upgrade: an ordinary last response through node's ServerResponse, or, from a head of
 * 101 on, octets as they are.
 */
export class UpgradeSink extends Http1Sink {
  readonly #socket: Socket;
  readonly #response: ServerResponse;
  #isSwitched = false;

  constructor(
    request: IncomingMessage,
    socket: Socket,
    onClosed: (error: GatewayError | undefined) => void,
  ) {
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    super(response, { mustClose: () => true, onClosed });
    this.#socket = socket;
    this.#response = response;
    // Node passes these on only for sockets that its server still serves.
    socket.on('drain', () => this.drained());
    socket.once('close', () => this.closed(clientGone('the connection closed')));
  }

  protected override writeHead(
    status: number,
    headers: HeaderList,
    options: ResponseHeadOptions,
  ): void {
    if (status !== 101) return super.writeHead(status, headers, options);
    this.#isSwitched = true;
    this.#response.detachSocket(this.#socket);
    const fields = [...framedFields(101, headers, { length: undefined }), ...SWITCHING];
    this.#socket.write(headText(101, fields), 'latin1');
  }

  protected override writeData(chunk: Uint8Array): boolean {
    return this.#isSwitched ? this.#socket.write(chunk) : super.writeData(chunk);
  }

  protected override writeEnd(trailers: HeaderList): void {
    if (!this.#isSwitched) return super.writeEnd(trailers);
    this.#socket.end((error?: Error | null) =>
      this.closed(error ? clientGone(error.message) : undefined),
    );
  }

  protected override cut(_error: GatewayError): void {
    this.#socket.destroy();
  }
}
