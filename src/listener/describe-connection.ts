import type { Socket } from 'node:net';
import type { ClientConnection, TlsSession } from '../core/message.ts';

let connectionCount = 0;

/**
 * Reads the addresses while the socket is alive: after its death they are undefined (security-requirements.md, fact 5).
 * Returns undefined for a socket that died between accept and here.
 */
export function describeConnection(socket: Socket): Omit<ClientConnection, 'tls'> | undefined {
  const { remoteAddress, remotePort, localPort } = socket;
  if (remoteAddress === undefined || remotePort === undefined || localPort === undefined) {
    return undefined;
  }
  connectionCount += 1;
  return {
    id: connectionCount.toString(36),
    remoteAddress: foldMapped(remoteAddress),
    remotePort,
    localPort,
  };
}

export function withTls(
  connection: Omit<ClientConnection, 'tls'>,
  tls: TlsSession | undefined,
): ClientConnection {
  return { ...connection, tls };
}

/** `::ffff:192.0.2.1` is 192.0.2.1 that came through a dual-stack socket. */
function foldMapped(address: string): string {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address;
}
