import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { RawClient } from '../gateway/listening.ts';

/** A gateway that a client can reach, in this process or its own. */
export interface Reachable {
  readonly port: number;
  readonly caPem: string;
}

/** A TLS connection to the gateway with HTTP/1.1 and the usual host, unless told otherwise. */
export async function secureTo(
  gateway: Reachable,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: gateway.port,
    ca: gateway.caPem,
    servername: 'app.example.test',
    ALPNProtocols: ['http/1.1'],
    ...options,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => {});
  return socket;
}

/** Writes and reads octets as they are. */
export async function rawTo(
  gateway: Reachable,
  options: ConnectionOptions = {},
): Promise<RawClient> {
  return new RawClient(await secureTo(gateway, options));
}

/** A session over HTTP/2; destroy it at the end. */
export async function http2To(
  gateway: Reachable,
  host = 'app.example.test',
): Promise<ClientHttp2Session> {
  const socket = await secureTo(gateway, { ALPNProtocols: ['h2'], servername: host });
  const session = connectHttp2(`https://${host}:${gateway.port}`, {
    createConnection: () => socket,
  });
  session.on('error', () => {});
  return session;
}
