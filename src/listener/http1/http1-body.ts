import type { IncomingMessage } from 'node:http';
import { clientGone } from '../http/client-gone.ts';
import { ReceivedBody } from '../http/received-body.ts';
import type { ReceivedBodyOptions } from '../http/received-body.ts';

/** What is read and dropped of a body nobody wants, before the connection is closed instead (E11). */
const MAX_DRAIN_BYTES = 65_536;

/** Octets of a paused body that are held while its client is watched: twice node's own buffer. */
const MAX_UNREAD_BYTES = 131_072;

/** The body of one HTTP/1.1 request. */
export class Http1Body extends ReceivedBody {
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage, options: ReceivedBodyOptions) {
    super(request, options);
    this.#request = request;
    // R-22; what went wrong comes through `fail` and `close`.
    request.on('error', () => {});
  }

  /** The body is broken, or what is left so much or so unsure, that the connection closes rather than read it. */
  get isCostlyToDrain(): boolean {
    if (this.hasFailed) return true;
    if (this.isDone || this.isRead) return false;
    return this.length === undefined || this.length - this.receivedBytes > MAX_DRAIN_BYTES;
  }

  get hasOverdrained(): boolean {
    return this.droppedBytes > MAX_DRAIN_BYTES;
  }

  /** After the response: reads the small rest and drops it; false when there is too much. */
  drain(): boolean {
    if (this.isDone) return true;
    if (this.isCostlyToDrain) return false;
    this.discard();
    if (this.#request.listenerCount('data') === 0) this.listen();
    this.#request.resume();
    return true;
  }

  protected listen(): void {
    const request = this.#request;
    request.on('data', (chunk: Buffer) => this.take(chunk));
    request.on('end', () => this.#end());
    request.on('close', () => this.fail(clientGone('the connection closed within the body')));
  }

  /**
   * A socket that is not read tells neither of an end nor of a reset, so a body nobody reads at the
   * moment would hide that its client is gone. Reading goes on for what node's
   * buffer and a little more can hold; octets that come stop it again until the next tick.
   */
  protected unread(): void {
    if (this.#request.readableLength < MAX_UNREAD_BYTES) this.#request.socket.resume();
  }

  #end(): void {
    if (this.#request.complete) this.complete(this.#request.rawTrailers);
    else this.fail(clientGone('the body is incomplete'));
  }
}
