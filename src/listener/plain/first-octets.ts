import { EarlyOctets } from '../early-octets.ts';
import type { EarlyConnection } from '../early-octets.ts';

/** RFC 9113 3.4. Whoever knows beforehand that the other end speaks HTTP/2 begins so; no request of HTTP/1 does. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** A plain connection until its first octets tell the version of HTTP. */
export class FirstOctets extends EarlyOctets {
  readonly #onKnown: (isHttp2: boolean) => void;

  /** `onKnown`: what was read is back in the socket. Must hang its listeners on it at once. */
  constructor(connection: EarlyConnection, onKnown: (isHttp2: boolean) => void) {
    super(connection, { gone: 'first_octets_gone', late: 'first_octets_timeout' });
    this.#onKnown = onKnown;
  }

  protected judge(octets: Buffer): void {
    const length = Math.min(octets.length, PREFACE.length);
    const isPreface = octets.subarray(0, length).equals(PREFACE.subarray(0, length));
    if (isPreface && length < PREFACE.length) return;
    this.handOver(octets);
    this.#onKnown(isPreface);
    // HTTP/1 has hung its listener on a paused socket, which does not set it going; HTTP/2 takes what is there by itself.
    if (!isPreface) this.connection.socket.resume();
  }
}
