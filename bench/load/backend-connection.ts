import type { Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const MAX_HEAD_OCTETS = 65_536;
const CHUNK = Buffer.alloc(65_536, 0x61);
const EMPTY = Buffer.alloc(0);

/** Whole responses by size of their body: made once, so that the backend costs next to nothing. */
const ready = new Map<number, Buffer>();

/**
 * The application of the bench. `GET /<n>` is answered with n octets; any request body is read, counted and
 * forgotten first. Reads just as much of HTTP/1.1 as the gateway and the bench send.
 */
export class BackendConnection {
  readonly #socket: Socket;
  #head: Buffer = EMPTY;
  #answerOctets = 0;
  /** Of the request body; above 0 the head is complete. */
  #missing = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static serve(socket: Socket): void {
    const connection = new BackendConnection(socket);
    socket.on('data', (chunk: Buffer) => connection.#received(chunk));
    socket.on('end', () => socket.end());
    socket.on('error', () => socket.destroy());
  }

  #received(chunk: Buffer): void {
    let octets = chunk;
    if (this.#missing === 0) {
      octets = this.#readHead(chunk);
      if (this.#head.length > 0) return;
    }
    this.#missing -= octets.length;
    if (this.#missing === 0) this.#answer();
    else if (this.#missing < 0) this.#socket.destroy();
  }

  /** Gives what came behind the head, or keeps what is there of it. */
  #readHead(chunk: Buffer): Buffer {
    const octets = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const end = octets.indexOf(HEAD_END);
    this.#head = end < 0 ? octets : EMPTY;
    if (octets.length > MAX_HEAD_OCTETS && end < 0) this.#socket.destroy();
    if (end < 0) return EMPTY;
    const head = octets.toString('latin1', 0, end + 2);
    this.#answerOctets = Number(/^[A-Z]+ \/(\d+) /.exec(head)?.[1] ?? 0);
    this.#missing = Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1] ?? 0);
    return octets.subarray(end + HEAD_END.length);
  }

  #answer(): void {
    if (this.#answerOctets <= CHUNK.length) this.#socket.write(readyResponse(this.#answerOctets));
    else this.#stream(this.#answerOctets);
  }

  /** As fast as the reader takes it. */
  #stream(octets: number): void {
    let left = octets;
    const socket = this.#socket;
    socket.write(headOf(octets));
    const more = (): void => {
      while (left > 0) {
        const chunk = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK;
        left -= chunk.length;
        if (!socket.write(chunk)) break;
      }
      if (left > 0) socket.once('drain', more);
    };
    more();
  }
}

function readyResponse(octets: number): Buffer {
  const known = ready.get(octets);
  if (known !== undefined) return known;
  const made = Buffer.concat([headOf(octets), CHUNK.subarray(0, octets)]);
  ready.set(octets, made);
  return made;
}

function headOf(octets: number): Buffer {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${octets}\r\n\r\n`,
  );
}
