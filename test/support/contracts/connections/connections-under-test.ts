import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemClock } from '../../../../src/app/system-clock.ts';
import type { ServicePolicy } from '../../../../src/policy/snapshot/snapshot.ts';
import { AutoConnections } from '../../../../src/upstream/auto-connections.ts';
import { NO_REPORTS } from '../../../../src/upstream/connection-reports.ts';
import { Http1Connections } from '../../../../src/upstream/http1/http1-connections.ts';
import { H2Connections, type H2Parts } from '../../../../src/upstream/http2/h2-connections.ts';
import type { ServiceConnections } from '../../../../src/upstream/service-connections.ts';
import { service } from '../../policy/policy.ts';

/** A request as the application has it, the same over both versions. */
export interface Arrived {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The response is sent, or nobody wants it any more. */
  isOver: boolean;
}

export interface ConnectionsUnderTest extends AsyncDisposable {
  readonly connections: ServiceConnections;
  readonly service: ServicePolicy;
  /** In the order in which the application got them. */
  readonly arrived: readonly Arrived[];
  /** Of the application, closed ones too. */
  readonly sockets: readonly Socket[];
  /** Opening a connection fails with it from now on. */
  failOpening(error: Error): void;
}

export interface ConnectionsKind {
  readonly name: string;
  readonly open: (changes?: Partial<ServicePolicy>) => Promise<ConnectionsUnderTest>;
}

export const CONNECTIONS_KINDS: readonly ConnectionsKind[] = [
  kind('Http1Connections', 'http1', 'http1', (parts) => new Http1Connections(parts)),
  kind('H2Connections', 'h2', 'h2', (parts) => new H2Connections(parts)),
  kind('AutoConnections to HTTP/1.1', 'http1', 'auto', (parts) => new AutoConnections(parts)),
  kind('AutoConnections to HTTP/2', 'h2', 'auto', (parts) => new AutoConnections(parts)),
];

function kind(
  name: string,
  speaks: 'http1' | 'h2',
  protocol: ServicePolicy['protocol'],
  make: (parts: H2Parts) => ServiceConnections,
): ConnectionsKind {
  return {
    name,
    open: async (changes) => {
      const arrived: Arrived[] = [];
      const sockets: Socket[] = [];
      const server = applicationOf(speaks, arrived);
      server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      let failure: Error | undefined;
      const open = async (): Promise<Duplex> => {
        if (failure !== undefined) throw failure;
        // Stands for the TLS in which the application chose.
        return Object.assign(connect(port, '127.0.0.1'), { alpnProtocol: speaks });
      };
      const its = service({ protocol, ...changes });
      const connections = make({ service: its, open, reports: NO_REPORTS, clock: systemClock });
      return {
        connections,
        service: its,
        arrived,
        sockets,
        failOpening: (error) => (failure = error),
        async [Symbol.asyncDispose]() {
          await connections.destroy();
          for (const socket of sockets) socket.destroy();
          await new Promise<void>((resolve) => server.close(() => resolve()));
        },
      };
    },
  };
}

function applicationOf(speaks: 'http1' | 'h2', arrived: Arrived[]): Server {
  const take = (request: unknown, response: unknown): void => {
    const one = { request, response, isOver: false } as Arrived;
    one.request.on('error', () => {});
    one.response.on('error', () => {}).on('close', () => (one.isOver = true));
    arrived.push(one);
  };
  return speaks === 'h2' ? createHttp2(take) : createServer(take);
}
