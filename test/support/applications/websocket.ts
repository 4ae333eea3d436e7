import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import type { RawData } from 'ws';
import { http2To } from '../clients/gateway-clients.ts';
import type { TestGateway } from '../gateway/gateway.ts';

/** An application that speaks WebSocket at `/ws` as `onSocket` says, and answers 403 at `/no`. */
export async function startWebSocketApplication(
  onSocket: (socket: WebSocket) => void,
  onRequest: RequestListener = (_request, response) => response.end('plain'),
) {
  const http = createServer(onRequest);
  const server = new WebSocketServer({ noServer: true, maxPayload: 8 * 1024 * 1024 });
  const headers: string[][] = [];
  http.on('upgrade', (request, socket, head) => {
    headers.push(request.rawHeaders);
    socket.on('error', () => {});
    if (request.url !== '/no') {
      return server.handleUpgrade(request, socket, head, (webSocket) => onSocket(webSocket));
    }
    socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\nX-Why: no\r\n\r\nnope');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    address: { host: '127.0.0.1', port: (http.address() as AddressInfo).port },
    headers,
    sockets: server.clients,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** Sends every message back, and closes with the code that a text `close <code>` asks for. */
export function echo(socket: WebSocket): void {
  socket.on('message', (data, isBinary) => {
    const code = isBinary ? undefined : /^close (\d+)$/.exec(textOf(data))?.[1];
    if (code !== undefined) return socket.close(Number(code), 'as asked');
    socket.send(data, { binary: isBinary });
  });
}

export function textOf(data: RawData): string {
  return (data as Buffer).toString('utf8');
}

/** `ws` over HTTP/1.1. */
export async function webSocketTo(
  gateway: TestGateway,
  path = '/ws',
  headers: Readonly<Record<string, string>> = {},
): Promise<WebSocket> {
  const socket = new WebSocket(`wss://app.example.test:${gateway.port}${path}`, {
    ca: gateway.caPem,
    headers,
    lookup: (_host, options, callback) => {
      if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
      else callback(null, '127.0.0.1', 4);
    },
  });
  await once(socket, 'open');
  return socket;
}

/** `ws` over one stream of an HTTP/2 session (RFC 8441); `ws` itself makes no handshake over HTTP/2. */
export async function webSocketOverHttp2(
  gateway: TestGateway,
  path = '/ws',
  headers: Readonly<Record<string, string>> = {},
): Promise<WebSocket> {
  const session = await http2To(gateway);
  if (!session.remoteSettings.enableConnectProtocol) await once(session, 'remoteSettings');
  const stream = extendedConnect(session, path, { headers });
  stream.once('close', () => session.destroy());
  const [{ ':status': status }] = (await once(stream, 'response')) as [{ ':status': number }];
  if (status !== 200) throw new Error(`status ${status}`);
  const socket = new WebSocket(null as never, undefined, {
    autoPong: true,
    closeTimeout: 5_000,
  } as never);
  const internals = socket as unknown as {
    _isServer: boolean;
    setSocket(stream: Duplex, head: Buffer, options: object): void;
  };
  internals._isServer = false;
  internals.setSocket(asSocket(stream), Buffer.alloc(0), { maxPayload: 8 * 1024 * 1024 });
  return socket;
}

export function extendedConnect(
  session: ClientHttp2Session,
  path: string,
  {
    protocol = 'websocket',
    headers = {},
  }: { protocol?: string; headers?: Readonly<Record<string, string>> } = {},
): ClientHttp2Stream {
  return session.request({
    ':method': 'CONNECT',
    ':protocol': protocol,
    ':scheme': 'https',
    ':authority': 'app.example.test',
    ':path': path,
    'sec-websocket-version': '13',
    ...headers,
  });
}

/** `ws` calls two methods that only a net.Socket has. */
function asSocket(stream: ClientHttp2Stream): Duplex {
  return Object.assign(stream as unknown as Duplex, {
    setTimeout() {},
    setNoDelay() {},
  });
}
