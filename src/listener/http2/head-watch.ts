import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

export interface HeadWatchEvents {
  /** Streams whose heads were complete, and were reset by the parser: nobody else hears of them. */
  onHeadsRefused(): void;
}

/**
 * Whether a client leaves a head unfinished (R-23): HTTP/2's preface without SETTINGS, HEADERS without
 * END_HEADERS, CONTINUATION that drips, a frame that stops within. Node tells only of heads that are
 * complete, so a doubt is settled by a PING: nothing may come within a header block (RFC 9113 4.3), so its
 * answer proves that no head was unfinished when it was sent.
 */
export class HeadWatch {
  readonly #session: ServerHttp2Session;
  readonly #socket: Socket;
  readonly #events: HeadWatchEvents;
  readonly #openedAtMs: number;
  #hasSettings = false;
  /** The highest stream that node told of, or that a PING has settled. */
  #settledStream = 0;
  /** Octets read when the connection became idle, or when a PING settled it. */
  #settledBytes = 0;
  /** Octets read when every stream that had begun was settled. */
  #lookedBytes = -1;
  #doubtSinceMs: number | undefined;
  #isAsking = false;

  constructor(session: ServerHttp2Session, socket: Socket, options: HeadWatchOptions) {
    this.#session = session;
    this.#socket = socket;
    this.#events = options.events;
    this.#openedAtMs = options.nowMs;
    session.once('remoteSettings', () => {
      this.#hasSettings = true;
      this.#settledBytes = socket.bytesRead;
    });
  }

  /** A head is complete. */
  note(streamId: number | undefined): void {
    if (streamId !== undefined && streamId > this.#settledStream) this.#settledStream = streamId;
  }

  /** No stream is open any more: octets that come from now on begin something new. */
  noteIdle(): void {
    this.#settledBytes = this.#socket.bytesRead;
  }

  /** What has been missing for `limitMs`. */
  sweep(nowMs: number, limitMs: number, isIdle: boolean): 'settings' | 'head' | undefined {
    if (!this.#hasSettings) return nowMs - this.#openedAtMs >= limitMs ? 'settings' : undefined;
    if (!this.#isInDoubt(isIdle)) {
      this.#doubtSinceMs = undefined;
      return undefined;
    }
    this.#doubtSinceMs ??= nowMs;
    this.#ask();
    return nowMs - this.#doubtSinceMs >= limitMs ? 'head' : undefined;
  }

  #isInDoubt(isIdle: boolean): boolean {
    const bytes = this.#socket.bytesRead;
    if (isIdle && bytes !== this.#settledBytes) return true;
    if (bytes === this.#lookedBytes) return false;
    // Asked of nghttp2 only where octets came: it counts a stream when its HEADERS begin.
    if (this.#lastStream > this.#settledStream) return true;
    this.#lookedBytes = bytes;
    return false;
  }

  get #lastStream(): number {
    return this.#session.state.lastProcStreamID ?? 0;
  }

  #ask(): void {
    if (this.#isAsking || this.#session.destroyed) return;
    this.#isAsking = this.#session.ping((error) => {
      this.#isAsking = false;
      if (error === null && !this.#session.destroyed) this.#settle();
    });
  }

  #settle(): void {
    const [lastStream, bytes] = [this.#lastStream, this.#socket.bytesRead];
    this.#doubtSinceMs = undefined;
    // Node tells of streams in the next tick only.
    process.nextTick(() => {
      this.#settledBytes = bytes;
      if (lastStream <= this.#settledStream) return;
      this.#settledStream = lastStream;
      this.#events.onHeadsRefused();
    });
  }
}

export interface HeadWatchOptions {
  readonly nowMs: number;
  readonly events: HeadWatchEvents;
}
