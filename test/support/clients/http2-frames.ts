import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { secureSocket, until, type Listening } from '../gateway/listening.ts';

/** Frames by hand, for what no library would send (RFC 9113 4.1). */
export const FRAME = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  continuation: 9,
};
export const FLAG = { endStream: 1, ack: 1, endHeaders: 4 };

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** Literal fields that no table remembers (RFC 7541 6.2.2); nothing is checked. */
export function literals(fields: readonly (readonly [string, string])[]): Buffer {
  const parts = fields.map(([name, value]) =>
    Buffer.concat([Buffer.from([0]), text(name), text(value)]),
  );
  return Buffer.concat(parts);
}

function text(value: string): Buffer {
  const octets = Buffer.from(value, 'latin1');
  return Buffer.concat([integer(octets.length), octets]);
}

/** RFC 7541 5.1 with a prefix of seven bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const octets = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128);
  return Buffer.from([...octets, rest]);
}

/** A connection that has sent preface and settings, and keeps the frames it gets. */
export class FrameConnection implements Disposable {
  readonly socket: TLSSocket;
  readonly frames: Frame[] = [];
  isClosed = false;
  #rest = Buffer.alloc(0);

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => (this.isClosed = true));
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.write(
      Buffer.concat([Buffer.from(PREFACE), frame(FRAME.settings, 0, 0, Buffer.alloc(0))]),
    );
  }

  static async open(to: Listening, options: ConnectionOptions = {}): Promise<FrameConnection> {
    return new FrameConnection(await secureSocket(to, { ...options, ALPNProtocols: ['h2'] }));
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  has(type: number, stream?: number): boolean {
    return this.frames.some(
      (got) => got.type === type && (stream === undefined || got.stream === stream),
    );
  }

  /** Waits until the stream has an end: a reset, END_STREAM, or the end of the connection. */
  async over(stream: number): Promise<void> {
    const isEnd = (got: Frame): boolean =>
      got.stream === stream &&
      (got.type === FRAME.reset ||
        ((got.type === FRAME.headers || got.type === FRAME.data) &&
          (got.flags & FLAG.endStream) !== 0));
    await until(() => this.isClosed || this.has(FRAME.goaway) || this.frames.some(isEnd), 'an end');
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 9) {
      const length = 9 + this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < length) return;
      const [type, flags] = [this.#rest[3]!, this.#rest[4]!];
      const stream = this.#rest.readUInt32BE(5);
      this.frames.push({ type, flags, stream, payload: this.#rest.subarray(9, length) });
      this.#rest = this.#rest.subarray(length);
    }
  }
}
