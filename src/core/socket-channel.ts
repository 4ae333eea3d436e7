import type { Socket } from 'node:net';
import type { Channel, ChannelUser } from './channel.ts';

/** A connected socket, plain or TLS, as a channel. It owns the socket, and reads nothing before it has a user. */
export class SocketChannel implements Channel {
  readonly #socket: Socket;
  readonly #isHalfOpen: boolean;
  #user: ChannelUser | undefined;
  #isPaused = false;
  #isEnding = false;
  #hasPeerEnded = false;
  /** A call returned false: `onRoom` is to follow. */
  #isAwaited = false;
  /** The user gave the channel up, with or without an error. */
  #givenUp: { readonly error: Error | undefined } | undefined;
  /** Undefined until the socket is closed; then whether its user knows. */
  #closed: 'untold' | 'told' | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#isHalfOpen = socket.allowHalfOpen;
    // Node would end our half by itself, in front of what the user still has to write.
    socket.allowHalfOpen = true;
    socket.pause();
    socket.on('data', (octets: Buffer) => this.#received(octets));
    socket.on('end', () => this.#peerEnded());
    socket.on('drain', () => this.#sent());
    socket.on('finish', () => this.#sent());
    // `close` follows, and the socket keeps the error.
    socket.on('error', () => {});
    socket.on('close', () => this.#socketClosed());
  }

  attach(user: ChannelUser): void {
    this.#user = user;
    if (this.#closed === 'untold') setImmediate(() => this.#tellClose());
    else if (!this.#isPaused) this.#socket.resume();
  }

  write(octets: Uint8Array | string): boolean {
    if (this.isClosed) return false;
    if (this.#isEnding) {
      this.destroy(writtenLate());
      return false;
    }
    const encoding = typeof octets === 'string' ? 'latin1' : undefined;
    return this.#awaitUnless(this.#socket.write(octets, encoding));
  }

  cork(): void {
    this.#socket.cork();
  }

  uncork(): boolean {
    if (this.isClosed) return false;
    this.#socket.uncork();
    return this.#awaitUnless(!this.#socket.writableNeedDrain);
  }

  end(): boolean {
    if (this.isClosed) return false;
    this.#isEnding = true;
    // A second `end` makes an error with a stack.
    if (!this.#socket.writableEnded) this.#socket.end();
    return this.#awaitUnless(this.#socket.writableFinished);
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#user !== undefined) this.#socket.resume();
  }

  destroy(error?: Error): void {
    if (this.isClosed) return;
    this.#givenUp = { error };
    this.#socket.destroy(error);
  }

  get isWritable(): boolean {
    return !this.isClosed && !this.#isEnding && (this.#isHalfOpen || !this.#hasPeerEnded);
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  get error(): Error | undefined {
    // Node adds an error of its own when octets still wait: ECANCELED.
    if (this.#givenUp !== undefined) return this.#givenUp.error;
    return this.#socket.errored ?? undefined;
  }

  #received(octets: Buffer): void {
    if (!this.isClosed) this.#user!.onData(octets);
  }

  #peerEnded(): void {
    this.#hasPeerEnded = true;
    if (this.isClosed) return;
    if (!this.#isHalfOpen && !this.#isEnding) {
      if (this.#user!.onPeerFinished === undefined) this.end();
      else this.#user!.onPeerFinished();
    }
    this.#user!.onEnd();
  }

  #awaitUnless(isSent: boolean): boolean {
    if (!isSent) this.#isAwaited = true;
    return isSent;
  }

  #sent(): void {
    if (!this.#isAwaited || this.isClosed) return;
    this.#isAwaited = false;
    this.#user?.onRoom();
  }

  #socketClosed(): void {
    this.#closed = 'untold';
    this.#tellClose();
  }

  #tellClose(): void {
    if (this.#user === undefined || this.#closed === 'told') return;
    this.#closed = 'told';
    this.#user.onClose(this.error);
  }
}

function writtenLate(): NodeJS.ErrnoException {
  return Object.assign(new Error('write after end'), { code: 'EPIPE' });
}
