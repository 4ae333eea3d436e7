import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import type { WebSocket } from 'ws';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { metricValue } from '../../support/tools/metric.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';
import {
  echo,
  extendedConnect,
  startWebSocketApplication,
  textOf,
  webSocketOverHttp2,
  webSocketTo,
} from '../../support/applications/websocket.ts';

const MEGABYTE = 1024 * 1024;

let application: Awaited<ReturnType<typeof startWebSocketApplication>>;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  application = await startWebSocketApplication(echo);
  router = await startRouter({ connectors: { 'app:1': application.address } });
  gateway = await TestGateway.start({
    links: [router.link],
    policy: `
services: { app: { address: "app:1" } }
routes:
  app:
    host: app.example.test
    service: app
    auth: public
    paths:
      /closed: { websocket: false }
      /ws: { body: 1KiB, timeout: { total: 500ms }, limits: { concurrent: 2 } }
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

for (const [version, open] of [
  ['HTTP/1.1', webSocketTo],
  ['HTTP/2', webSocketOverHttp2],
] as const) {
  test(`messages of 1 MB go both ways over ${version}, and the record counts them`, async () => {
    gateway.records.length = 0;
    const socket = await open(gateway);
    const message = randomBytes(MEGABYTE);

    for (let i = 0; i < 3; i += 1) {
      socket.send(message);
      const [echoed] = (await once(socket, 'message')) as [Buffer];
      assert.ok(message.equals(echoed));
    }
    const linesWhileOpen = gateway.records.length;
    socket.close(1000);
    await once(socket, 'close');
    const line = await gateway.record();

    assert.equal(linesWhileOpen, 0);
    assert.equal(line['http.response.status_code'], 101);
    assert.equal(line['complete'], true);
    assert.ok((line['http.request.body.size'] as number) > 3 * MEGABYTE, JSON.stringify(line));
    assert.ok((line['http.response.body.size'] as number) > 3 * MEGABYTE);
  });

  test(`pings, pongs and close codes cross the gateway over ${version}`, async () => {
    const socket = await open(gateway);

    socket.ping('are you there');
    const [pong] = (await once(socket, 'pong')) as [Buffer];
    socket.send('close 4001');
    const [code, reason] = (await once(socket, 'close')) as [number, Buffer];

    assert.equal(textOf(pong), 'are you there');
    assert.equal(code, 4001);
    assert.equal(textOf(reason), 'as asked');
  });

  test(`a stream over ${version} holds its permit to its end, and outlives timeout.total`, async () => {
    const sockets = [await open(gateway), await open(gateway)];
    await new Promise((resolve) => setTimeout(resolve, 600));

    const third = await refusalOf(open);
    for (const socket of sockets) await roundTrip(socket);
    await closeAll(sockets);
    await waitUntil('no exchange is open', () => openExchanges() === 0);
    const fourth = await open(gateway);
    await roundTrip(fourth);
    await closeAll([fourth]);

    assert.match(third, /429/);
  });

  test(`a client that vanishes over ${version} ends the application's connection`, async () => {
    const socket = await open(gateway);
    await roundTrip(socket);

    socket.terminate();

    await waitUntil('the application lost its client', () => application.sockets.size === 0);
    await waitUntil('no exchange is open', () => openExchanges() === 0);
  });
}

test('an application that says no is heard, status, fields and body', async () => {
  const raw = await rawTo(gateway);

  raw.write(upgradeHead('/no'));
  const answer = await raw.got(/nope/);

  assert.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n/);
  assert.match(answer, /\r\nX-Why: no\r\n/);
  assert.match(answer, /\r\nconnection: close\r\n/i);
});

test('a route may refuse WebSocket in both versions', async () => {
  const raw = await rawTo(gateway);
  raw.write(upgradeHead('/closed'));
  const session = await http2To(gateway);
  await once(session, 'remoteSettings');

  const answer = await raw.got(/websocket_not_allowed/);
  const stream = extendedConnect(session, '/closed');
  const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
  session.destroy();

  assert.match(answer, /^HTTP\/1\.1 403 /);
  assert.equal(headers[':status'], 403);
});

test('octets behind the head of an upgrade are refused and never reach the application', async () => {
  const seen = application.headers.length;
  const raw = await rawTo(gateway);

  raw.write(`${upgradeHead('/ws')}GET /smuggled HTTP/1.1\r\nHost: app.example.test\r\n\r\n`);
  const answer = await raw.got(/upgrade_not_allowed/);

  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.equal(application.headers.length, seen);
});

test('an upgrade to anything else is an ordinary request', async () => {
  const raw = await rawTo(gateway);

  raw.write(upgradeHead('/other').replace('websocket', 'h2c'));
  const answer = await raw.got(/plain/);

  assert.match(answer, /^HTTP\/1\.1 200 /);
});

test('CONNECT over HTTP/2 is taken for WebSocket alone', async () => {
  const session = await http2To(gateway);
  await once(session, 'remoteSettings');

  const stream = extendedConnect(session, '/ws', { protocol: 'connect-udp' });
  const [headers] = (await once(stream, 'response')) as [{ ':status': number }];
  session.destroy();

  assert.equal(headers[':status'], 405);
});

test('the application gets the handshake with our fields and without those of the hop', async () => {
  const socket = await webSocketOverHttp2(gateway);
  await closeAll([socket]);

  const fields = application.headers.at(-1)!.join('\n').toLowerCase();

  assert.match(fields, /upgrade\nwebsocket/);
  assert.match(fields, /sec-websocket-key\n[\w+/]{22}==/);
  assert.match(fields, /x-forwarded-for\n127\.0\.0\.1/);
  assert.match(fields, /via\n2\.0 fairlead/);
});

function upgradeHead(path: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    'Host: app.example.test',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '',
    '',
  ].join('\r\n');
}

async function roundTrip(socket: WebSocket): Promise<void> {
  socket.send('hello');
  const [data] = (await once(socket, 'message')) as [Buffer];
  assert.equal(textOf(data), 'hello');
}

async function closeAll(sockets: readonly WebSocket[]): Promise<void> {
  for (const socket of sockets) {
    socket.close();
    await once(socket, 'close');
  }
}

async function refusalOf(open: (gateway: TestGateway) => Promise<WebSocket>): Promise<string> {
  try {
    const socket = await open(gateway);
    socket.terminate();
    return 'opened';
  } catch (error) {
    return String(error);
  }
}

function openExchanges(): number | undefined {
  return metricValue(gateway.gateway.metrics.render(), 'http_server_active_requests');
}
