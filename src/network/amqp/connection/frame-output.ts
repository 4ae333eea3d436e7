import type { Duplex } from 'node:stream';
import { AmqpError } from '../codec/codec.ts';

/** Enough for a full TLS write; more would only make small frames wait behind bulk. */
const BATCH_BYTES = 128 * 1024;
/** Below this one copied buffer costs less than a write of several: no list to walk, here or in Node. */
const COPY_BELOW_BYTES = 16 * 1024;
/** Frames that do not wait for drain (flows, dispositions, ends) while the router reads nothing. */
const MAX_QUEUED_BYTES = 8 * 1024 * 1024;

/**
 * Gathers the frames of one turn of the event loop into one socket write, so small requests share a
 * TLS record (router-stream-protocol.md 14.7). Payload must wait while `isFull`; control frames need not.
 */
export class FrameOutput {
  readonly #socket: Duplex;
  readonly #onDrain: () => void;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #immediate: NodeJS.Immediate | undefined;
  #isBlocked = false;
  #isClosed = false;
  #writes = 0;

  constructor(socket: Duplex, onDrain: () => void) {
    this.#socket = socket;
    this.#onDrain = onDrain;
    socket.on('drain', () => this.#drained());
  }

  get isFull(): boolean {
    return this.#isBlocked || this.#queuedBytes >= BATCH_BYTES;
  }

  /** Counts socket writes, so that keepalive can tell whether any was made. */
  get writes(): number {
    return this.#writes;
  }

  /** Queues octets; parts of one frame must be queued in one turn. */
  write(octets: Uint8Array): void {
    if (this.#isClosed) return;
    this.#queue.push(octets);
    this.#queuedBytes += octets.length;
    if (this.#queuedBytes > MAX_QUEUED_BYTES) {
      const text = `the router reads nothing, ${this.#queuedBytes} octets wait for it`;
      throw new AmqpError('amqp:resource-limit-exceeded', text);
    }
    this.#immediate ??= setImmediate(() => this.#flushTurn());
  }

  /** Writes what is queued now, even while blocked. */
  flush(): void {
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#immediate = undefined;
    if (this.#queue.length === 0 || this.#isClosed) return;
    const queue = this.#queue;
    const length = this.#queuedBytes;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#writes += 1;
    if (length < COPY_BELOW_BYTES) this.#socket.write(Buffer.concat(queue, length));
    else this.#writeEach(queue);
    this.#isBlocked = this.#socket.writableNeedDrain;
  }

  /** Drops what is queued; later writes do nothing. */
  close(): void {
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#isClosed = true;
    this.#queue = [];
  }

  #writeEach(queue: readonly Uint8Array[]): void {
    this.#socket.cork();
    for (const octets of queue) this.#socket.write(octets);
    this.#socket.uncork();
  }

  #flushTurn(): void {
    this.#immediate = undefined;
    if (this.#isBlocked) return;
    this.flush();
    if (!this.isFull) this.#onDrain();
  }

  #drained(): void {
    this.#isBlocked = false;
    this.#flushTurn();
  }
}
