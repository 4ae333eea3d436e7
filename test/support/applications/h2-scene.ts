import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { systemClock } from '../../../src/app/system-clock.ts';
import type { GatewayError } from '../../../src/core/errors.ts';
import type { HeaderList } from '../../../src/core/header-list.ts';
import type { ServicePolicy } from '../../../src/policy/snapshot/snapshot.ts';
import { NO_REPORTS } from '../../../src/upstream/connection-reports.ts';
import { H2Connections } from '../../../src/upstream/http2/h2-connections.ts';
import type { UpstreamReceiver } from '../../../src/upstream/upstream.ts';
import { FakeBody } from '../fakes/message.ts';
import { service } from '../policy/policy.ts';

/** What a receiver was told of one request. */
export class Heard implements UpstreamReceiver {
  status: number | undefined;
  isWhole = false;
  body = '';
  trailers: HeaderList | undefined;
  error: GatewayError | undefined;
  octets = 0;
  readonly interim: number[] = [];

  connected(): void {}
  sent(): void {}
  progress(): void {}
  informational(status: number): void {
    this.interim.push(status);
  }

  head(status: number, _headers: HeaderList, isWhole = false): void {
    this.status = status;
    this.isWhole = isWhole;
  }

  data(chunk: Uint8Array): void {
    this.octets += chunk.length;
    if (chunk.length < 100) this.body += Buffer.from(chunk).toString();
  }

  end(trailers: HeaderList): void {
    this.trailers = trailers;
  }

  fail(error: GatewayError): void {
    this.error = error;
  }
}

/** Connections over TCP to an HTTP/2 application of the test's own. */
export interface H2Scene extends AsyncDisposable {
  readonly server: Http2Server;
  readonly sockets: Socket[];
  readonly connections: H2Connections;
  send(target?: string, body?: FakeBody): ReturnType<H2Connections['send']> & { heard: Heard };
}

/** The application takes two streams on a connection. */
export async function h2Scene(
  onStream: (stream: ServerHttp2Stream, path: string) => void,
  overrides: Partial<ServicePolicy> = {},
): Promise<H2Scene> {
  const server = createServer({ settings: { maxConcurrentStreams: 2 } });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {});
    onStream(stream as ServerHttp2Stream, headers[':path']!);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  const one = service({ protocol: 'h2', ...overrides });
  const connections = new H2Connections({
    reports: NO_REPORTS,
    service: one,
    clock: systemClock,
    open: async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      sockets.push(socket);
      return socket;
    },
  });
  return {
    server,
    sockets,
    connections,
    send(target = '/', body = new FakeBody(0)) {
      const heard = new Heard();
      const headers = ['Host', 'app.example', 'X-Own', 'yes'];
      const request = { service: one, method: 'GET', target, headers, body };
      const call = connections.send(request, heard, () => {});
      return Object.assign(call, { heard });
    },
    async [Symbol.asyncDispose]() {
      await connections.destroy();
      server.close();
    },
  };
}
