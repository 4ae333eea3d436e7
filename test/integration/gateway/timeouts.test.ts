import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter } from '../../support/routers/router.ts';
import type { RunningRouter } from '../../support/routers/router.ts';

/** How late the application answers, goes on in mid-body, or takes a connection. */
const LATE_MS = 2500;
const WAYS = ['lane', 'tcp', 'h2'] as const;

let http1: Server;
let http2: Server;
let late: Server;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  http1 = await listening(createHttpServer(answer));
  http2 = await listening(
    createHttp2Server((request, response) => answer(request as never, response as never)),
  );
  late = await listening(
    createServer((client) => {
      client.on('error', () => {});
      setTimeout(() => {
        const application = connect(portOf(http2), '127.0.0.1');
        application.on('error', () => client.destroy());
        client.pipe(application).pipe(client);
      }, LATE_MS);
    }),
  );
  router = await startRouter({
    connectors: { 'app:1': { host: '127.0.0.1', port: portOf(http1) } },
  });
  const tcp = (server: Server) => `via: tcp, host: 127.0.0.1, port: ${portOf(server)}`;
  gateway = await TestGateway.start({
    links: [router.link],
    gateway: 'defaults: { timeout: { response: 1s } }',
    policy: `
services:
  lane: { address: "app:1", timeout: { idle: 1s } }
  tcp: { ${tcp(http1)}, timeout: { idle: 1s } }
  h2: { ${tcp(http2)}, protocol: h2, timeout: { idle: 1s } }
  late: { ${tcp(late)}, protocol: h2, timeout: { connect: 200ms, response: 9s }, retry: off }
  total: { ${tcp(http1)}, timeout: { total: 300ms } }
profiles:
  slow: { timeout: { response: 9s, idle: 9s } }
routes:
${WAYS.map(
  (way) => `  ${way}:
    host: ${way}.wild.example.test
    service: ${way}
    auth: public
    paths:
      /slow/**: { use: [slow] }
      /quick/**: { use: [slow], timeout: { response: 1s } }
      /back/**: { use: [slow], timeout: null }`,
).join('\n')}
  late:
    host: late.wild.example.test
    service: late
    auth: public
    paths: { /patient: { timeout: { connect: 9s } } }
  total: { host: total.wild.example.test, service: total, auth: public }
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  for (const server of [late, http2, http1]) server?.close();
});

beforeEach(() => {
  gateway.records.length = 0;
});

/** `…/late` answers late, `…/pause` stands still in mid-body. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  if (request.url!.endsWith('/late')) return void setTimeout(() => response.end('ok'), LATE_MS);
  response.write('o');
  setTimeout(() => response.end('k'), LATE_MS);
}

async function listening<T extends Server>(server: T): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** The status, and whether the body came whole. */
async function get(host: string, path: string): Promise<string> {
  const { statusCode, body } = await gateway.request(path, { host: `${host}.wild.example.test` });
  const text = await body.text().catch(() => 'cut');
  if (statusCode === 200) return text;
  return String(statusCode);
}

async function overHttp2(host: string, path: string): Promise<string> {
  const session = await http2To(gateway, `${host}.wild.example.test`);
  const stream = session.request({ ':path': path });
  let status = 0;
  stream.on('response', (fields) => (status = Number(fields[':status'])));
  const text = await textOf(stream).catch(() => 'cut');
  session.destroy();
  return status === 200 ? text : String(status);
}

for (const way of WAYS) {
  test(`the wait that is nearest to the request counts, over ${way}`, async () => {
    for (const ask of [get, overHttp2]) {
      const told = await Promise.all(
        ['/late', '/slow/late', '/quick/late', '/back/late', '/slow/pause', '/back/pause'].map(
          (path) => ask(way, path),
        ),
      );

      assert.deepEqual(told, ['504', 'ok', '504', '504', 'ok', 'cut']);
    }
  });
}

test('a path waits longer for a connection than its service, and others do not', async () => {
  assert.deepEqual([await get('late', '/'), await get('late', '/patient')], ['504', 'ok']);
  assert.equal((await gateway.record(1))['fault'], 'upstream_connect_timeout');
});

test('a service may bound the whole of its exchanges', async () => {
  assert.equal(await get('total', '/late'), '504');
  assert.equal(await get('total', '/pause'), 'cut');
});
