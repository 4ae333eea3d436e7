import { Duplex } from 'node:stream';
import type { Channel, ChannelUser } from '../core/channel.ts';

/** Octets each way that may wait here. The transport has windows of its own; this only says when to ask for more. */
const BUFFER_BYTES = 64 * 1024;

type Callback = (error?: Error | null) => void;

/** A channel as the Duplex that undici, node:http2, node:tls and passthrough want. */
export class ChannelStream extends Duplex implements ChannelUser {
  readonly #channel: Channel;
  /** Of the write or end that is not handed over yet. */
  #whenSent: Callback | undefined;
  #whenClosed: Callback | undefined;
  #isEnded = false;
  #isClosed = false;

  constructor(channel: Channel) {
    super({ readableHighWaterMark: BUFFER_BYTES, writableHighWaterMark: BUFFER_BYTES });
    this.#channel = channel;
    // A channel may fail before the user of the stream listens; that must not be fatal.
    this.on('error', () => {});
    channel.pause();
    channel.attach(this);
    if (channel.isClosed) this.destroy(channel.error);
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: Callback): void {
    this.#sent(this.#channel.write(chunk), callback);
  }

  override _writev(chunks: { readonly chunk: Buffer }[], callback: Callback): void {
    this.#channel.cork();
    for (const { chunk } of chunks) this.#channel.write(chunk);
    this.#sent(this.#channel.uncork(), callback);
  }

  override _final(callback: Callback): void {
    this.#sent(this.#channel.end(), callback);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    // Later than every microtask: a user that awaited the stream has its listeners on by then.
    if (this.#isClosed) return void setImmediate(callback, error);
    this.#whenClosed = callback;
    this.#channel.destroy(error ?? undefined);
  }

  onData(octets: Buffer): void {
    if (!this.push(octets)) this.#channel.pause();
  }

  onRoom(): void {
    const callback = this.#whenSent;
    this.#whenSent = undefined;
    callback?.();
  }

  /** Octets that wait here go first. */
  onPeerFinished(): void {
    // A second `end` makes an error with a stack, which costs more than all frames of a lane.
    if (!this.writableEnded) this.end();
  }

  onEnd(): void {
    this.#isEnded = true;
    this.push(null);
  }

  onClose(error: Error | undefined): void {
    this.#isClosed = true;
    const callback = this.#whenSent;
    this.#whenSent = undefined;
    callback?.(error);
    if (this.#whenClosed !== undefined) this.#whenClosed(error);
    // After a good end the octets that wait here are still to be read.
    else if (error !== undefined || !this.#isEnded) this.destroy(error);
  }

  // The methods that undici, node:tls and node:http2 call on a socket; there is nothing to set.

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #sent(isSent: boolean, callback: Callback): void {
    if (isSent) callback();
    else if (this.#isClosed) callback(new Error('the channel is closed'));
    else this.#whenSent = callback;
  }
}
