import { Duplex } from 'node:stream';

/** A Duplex with the methods that undici, tls and http2 call on a socket; there is nothing to set. */
export class SocketLike extends Duplex {
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
}
