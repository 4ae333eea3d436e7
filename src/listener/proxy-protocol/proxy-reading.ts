import { EarlyOctets } from '../early-octets.ts';
import type { EarlyConnection } from '../early-octets.ts';
import { parseProxyHeader } from './proxy-header.ts';
import type { ProxiedClient } from './proxy-header.ts';

/** A connection of a listed balancer until its header is there. */
export class ProxyReading extends EarlyOctets {
  readonly #onRead: (client: ProxiedClient | undefined) => void;

  /** `onRead`: what came behind the header is back in the socket. Must begin to read at once. */
  constructor(connection: EarlyConnection, onRead: (client: ProxiedClient | undefined) => void) {
    super(connection, { gone: 'proxy_header_gone', late: 'proxy_header_timeout' });
    this.#onRead = onRead;
  }

  protected judge(octets: Buffer): void {
    const result = parseProxyHeader(octets);
    switch (result.kind) {
      case 'incomplete':
        return;
      case 'header':
        this.handOver(octets.subarray(result.bytes));
        this.#onRead(result.client);
        // Whoever reads next has hung its listener on a paused socket, which does not set it going.
        this.connection.socket.resume();
        return;
      case 'missing':
        return this.fail('proxy_header_missing');
      case 'malformed':
        return this.fail('proxy_header_malformed');
    }
  }
}
