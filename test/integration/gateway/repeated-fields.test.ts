import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { Backend } from '../../support/applications/backend.ts';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';

// Fields of one value that were sent twice. HTTP/1.1 carries them as they are, so HTTP/2 must not make them
// a fault, let alone the end of the process: node's HTTP/2 throws when it is asked to write them.

let gateway: TestGateway;
let http1: Backend;
let h2: Http2Server;
/** `etag` and its values as the HTTP/2 application got them, of heads and trailers. */
let seen: { head: readonly string[]; trailers: readonly string[] };

before(async () => {
  http1 = await Backend.start((socket) =>
    socket.once('data', () =>
      socket.end('HTTP/1.1 200 OK\r\nETag: a\r\nETag: b\r\nContent-Length: 2\r\n\r\nok'),
    ),
  );
  h2 = createServer();
  h2.on('stream', (stream: ServerHttp2Stream, _fields, _flags, head: string[]) => {
    stream.on('error', () => {});
    stream.on('trailers', (_trailers, _more, raw: string[]) => (seen.trailers = etagsOf(raw)));
    seen.head = etagsOf(head);
    stream.resume();
    stream.on('end', () => !stream.destroyed && stream.respond({}, { endStream: true }));
  });
  await new Promise<void>((resolve) => h2.listen(0, '127.0.0.1', resolve));
  const { port } = h2.address() as AddressInfo;
  gateway = await TestGateway.start({
    policy: `
services:
  http1: { via: tcp, host: 127.0.0.1, port: ${http1.address.port} }
  h2: { via: tcp, host: 127.0.0.1, port: ${port}, protocol: h2 }
routes:
  http1: { host: other.example.test, service: http1, auth: public }
  h2: { host: app.example.test, service: h2, auth: public }
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await http1?.stop();
  h2?.close();
});

beforeEach(() => {
  seen = { head: [], trailers: [] };
});

test('trailers of a client that say a field twice reach an HTTP/2 application as they are', async () => {
  using client = await rawTo(gateway);

  client.write('POST / HTTP/1.1\r\nHost: app.example.test\r\nTransfer-Encoding: chunked\r\n\r\n');
  client.write('4\r\nbody\r\n0\r\nETag: a\r\nETag: b\r\n\r\n');
  await client.got(/^HTTP\/1\.1 200 /);

  assert.deepEqual(seen.trailers, ['a', 'b']);
});

test('a request head that says a field twice reaches an HTTP/2 application as it is', async () => {
  using client = await rawTo(gateway);

  client.write('GET / HTTP/1.1\r\nHost: app.example.test\r\nETag: a\r\nETag: b\r\n\r\n');
  await client.got(/^HTTP\/1\.1 200 /);

  assert.deepEqual(seen.head, ['a', 'b']);
});

test('a response head that says a field twice reaches an HTTP/2 client as it is', async () => {
  const session = await http2To(gateway, 'other.example.test');
  const stream = session.request({ ':path': '/' });

  const [, , head] = (await once(stream, 'response')) as [unknown, unknown, string[]];
  session.destroy();

  assert.deepEqual(etagsOf(head), ['a', 'b']);
});

function etagsOf(raw: readonly string[]): string[] {
  return raw.filter((_, i) => i % 2 === 1 && raw[i - 1] === 'etag');
}
