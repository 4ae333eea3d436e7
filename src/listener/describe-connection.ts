import type { ClientConnection, TlsSession } from '../core/message.ts';
import type { Accepted } from './entrance.ts';

let connectionCount = 0;

/**
 * The addresses were read while the socket was alive: after its death they are undefined (security-requirements.md,
 * fact 5). Returns undefined for a socket that died between accept and here.
 */
export function describeConnection({
  socket,
  address,
  port,
  peerAddress,
}: Accepted): Omit<ClientConnection, 'tls'> | undefined {
  const { localPort } = socket;
  if (socket.remoteAddress === undefined || localPort === undefined) return undefined;
  connectionCount += 1;
  return {
    id: connectionCount.toString(36),
    remoteAddress: address,
    remotePort: port,
    peerAddress,
    localPort,
  };
}

export function withTls(
  connection: Omit<ClientConnection, 'tls'>,
  tls: TlsSession | undefined,
): ClientConnection {
  return { ...connection, tls };
}
