import type { ServerHttp2Stream } from 'node:http2';
import { GatewayError } from '../../core/errors.ts';
import type { HeaderList } from '../../core/header-list.ts';
import { clientGone } from '../http/client-gone.ts';
import { ReceivedBody } from '../http/received-body.ts';
import type { ReceivedBodyOptions } from '../http/received-body.ts';
import { checkTrailers } from './http2-head.ts';

/**
 * The body of one HTTP/2 stream; pausing it closes the stream's flow-control window. After the response a
 * body that was not read whole is reset without an error (RFC 9113 8.1).
 */
export class Http2Body extends ReceivedBody {
  readonly #stream: ServerHttp2Stream;
  #trailers: HeaderList | undefined = [];

  constructor(stream: ServerHttp2Stream, options: ReceivedBodyOptions) {
    super(stream, options);
    this.#stream = stream;
    stream.on('trailers', (_fields, _flags, raw) => {
      this.#trailers = checkTrailers(raw);
    });
  }

  protected listen(): void {
    this.#stream.on('data', (chunk: Buffer) => this.take(chunk));
    this.#stream.on('end', () => this.#end());
    // Node ends a body without octets when its END_STREAM comes, whoever listens: a later listener hears nothing.
    if (this.#stream.readableEnded) this.#end();
  }

  protected unread(): void {
    // The connection reads on for its other streams, so a reset of this one is noticed.
  }

  /** Node ends a stream that was reset, too; only END_STREAM makes a body complete (E10, F8). */
  #end(): void {
    if (this.#stream.aborted || this.#stream.rstCode !== 0) {
      return this.fail(clientGone('the stream was reset within the body'));
    }
    const isExact = this.length === undefined || this.length === this.receivedBytes;
    if (isExact && this.#trailers !== undefined) return this.complete(this.#trailers);
    this.fail(
      new GatewayError('client_body_malformed', { detail: 'length or trailers are wrong' }),
    );
  }
}
