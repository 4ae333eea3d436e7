import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { answerRequests } from '../answer-requests.ts';
import { BackendConnection } from '../load/backend-connection.ts';

export interface BackendPorts {
  /** Plain TCP, where the router's connector leads. */
  readonly plain: number;
  /** TLS, for the row without a gateway: its clients do the same work as those of the gateway. */
  readonly secure: number;
}

answerRequests({
  async listen({
    cert,
    key,
  }: {
    readonly cert: string;
    readonly key: string;
  }): Promise<BackendPorts> {
    const plain = createServer({ noDelay: true, allowHalfOpen: true }, serve);
    const secure = createTlsServer({ cert, key, allowHalfOpen: true }, serve);
    return { plain: await portOf(plain), secure: await portOf(secure) };
  },
});

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  BackendConnection.serve(socket);
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 511 }, resolve),
  );
  return (server.address() as AddressInfo).port;
}
