import type { ClientConnection, TlsSession } from '../core/message.ts';
import { SocketLife } from './socket-life.ts';
import type { Accepted } from './entrance.ts';

/** An accepted connection, before it is known how it speaks. */
export type Described = Omit<ClientConnection, 'scheme' | 'tls'>;

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
}: Accepted): Described | undefined {
  const { localPort } = socket;
  if (socket.remoteAddress === undefined || localPort === undefined) return undefined;
  connectionCount += 1;
  return {
    id: connectionCount.toString(36),
    remoteAddress: address,
    remotePort: port,
    peerAddress,
    localPort,
    life: new SocketLife(socket),
  };
}

export function withTls(connection: Described, tls: TlsSession): ClientConnection {
  return { ...connection, scheme: 'https', tls };
}

/** Octets of a TLS that is not ours: nothing of it is known, and the scheme is the client's. */
export function withForeignTls(connection: Described): ClientConnection {
  return { ...connection, scheme: 'https', tls: undefined };
}

export function withoutTls(connection: Described): ClientConnection {
  return { ...connection, scheme: 'http', tls: undefined };
}
