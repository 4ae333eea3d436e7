import type { Socket } from 'node:net';
import { foldMapped } from '../core/address-list.ts';
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
  const address = foldMapped(remoteAddress);
  return {
    id: connectionCount.toString(36),
    remoteAddress: address,
    remotePort,
    peerAddress: address,
    localPort,
  };
}

export function withTls(
  connection: Omit<ClientConnection, 'tls'>,
  tls: TlsSession | undefined,
): ClientConnection {
  return { ...connection, tls };
}
