import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { after, before, beforeEach, test } from 'node:test';
import { Backend } from '../../support/applications/backend.ts';
import { startFrameApplication } from '../../support/applications/frame-application.ts';
import { secureTo } from '../../support/clients/gateway-clients.ts';
import {
  FLAG,
  FRAME,
  FrameConnection,
  frame,
  literals,
} from '../../support/clients/http2-frames.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

/** Octets of the fields that the applications answer with, in fields of 1000 octets and more. */
let size = 0;
let http1: Backend;
let http2: Backend;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  http1 = await Backend.start((socket) =>
    socket.on('data', () => {
      const lines = fields().map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`HTTP/1.1 200 OK\r\n${lines.join('')}Content-Length: 0\r\n\r\n`);
    }),
  );
  http2 = await startFrameApplication(() => [[[':status', '200'], ...fields()]]);
  router = await startRouter({ connectors: { 'app:1': http1.address } });
  const tcp = `via: tcp, host: 127.0.0.1, port: ${http1.address.port}`;
  const h2 = `via: tcp, host: 127.0.0.1, port: ${http2.address.port}, protocol: h2`;
  gateway = await TestGateway.start({
    links: [router.link],
    gateway: 'defaults: { responseHead: 32KiB }',
    policy: `
services:
  lane: { address: "app:1" }
  tcp: { ${tcp} }
  h2: { ${h2} }
  lane-large: { address: "app:1", responseHead: 256KiB }
  tcp-large: { ${tcp}, responseHead: 256KiB }
  h2-large: { ${h2}, responseHead: 128KiB }
  tcp-small: { ${tcp}, responseHead: 1KiB }
routes:
${['lane', 'tcp', 'h2', 'lane-large', 'tcp-large', 'h2-large', 'tcp-small']
  .map((name) => `  ${name}: { host: ${name}.wild.example.test, service: ${name}, auth: public }`)
  .join('\n')}
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await http1?.stop();
  await http2?.stop();
});

beforeEach(() => {
  gateway.records.length = 0;
});

function fields(): [string, string][] {
  const count = Math.floor(size / 1000);
  return Array.from({ length: count }, (_, i) => [`x-${i}`, 'v'.repeat(990)]);
}

const CLIENTS = {
  async 'HTTP/1.1'(host: string, more: Readonly<Record<string, string>> = {}) {
    const socket = await secureTo(gateway, { servername: host });
    const call = request({
      createConnection: () => socket,
      host,
      headers: { host, ...more },
      maxHeaderSize: 1024 * 1024,
    });
    call.on('error', () => {}).end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.resume();
    socket.end();
    return { status: response.statusCode, count: countOf(response.rawHeaders) };
  },
  async 'HTTP/2'(host: string) {
    const socket = await secureTo(gateway, { ALPNProtocols: ['h2'], servername: host });
    const session = connect(`https://${host}:${gateway.port}`, {
      createConnection: () => socket,
      maxHeaderListPairs: 2000,
      settings: { maxHeaderListSize: 1024 * 1024 },
    });
    session.on('error', () => {});
    const stream = session.request({ ':path': '/' });
    const [head, , raw] = (await once(stream, 'response')) as [{ ':status': number }, 0, string[]];
    stream.resume();
    await once(stream, 'close');
    session.destroy();
    return { status: head[':status'], count: countOf(raw) };
  },
} as const;

function countOf(raw: readonly string[]): number {
  return raw.filter((text, i) => i % 2 === 0 && /^x-\d+$/i.test(text)).length;
}

const TAKEN: readonly (readonly [service: string, size: number])[] = [
  ['lane', 30_000],
  ['tcp', 30_000],
  ['h2', 30_000],
  ['lane-large', 240_000],
  ['tcp-large', 240_000],
  ['h2-large', 120_000],
];
const REFUSED: readonly (readonly [service: string, size: number])[] = [
  ['lane', 34_000],
  ['tcp', 34_000],
  ['h2', 34_000],
  ['lane-large', 280_000],
  ['tcp-large', 280_000],
  ['h2-large', 132_000],
  ['tcp-small', 2_000],
];

for (const [client, ask] of Object.entries(CLIENTS)) {
  for (const [service, octets] of TAKEN) {
    // Node's own client takes no larger head.
    if (client === 'HTTP/2' && octets > 140_000) continue;
    test(`a head of ${octets} octets from ${service} reaches a client of ${client}`, async () => {
      size = octets;

      const answer = await ask(`${service}.wild.example.test`);

      assert.deepEqual(answer, { status: 200, count: octets / 1000 });
    });
  }

  for (const [service, octets] of REFUSED) {
    test(`a head of ${octets} octets from ${service} is 502 for a client of ${client}`, async () => {
      size = octets;

      const answer = await ask(`${service}.wild.example.test`);

      assert.deepEqual(answer, { status: 502, count: 0 });
      assert.equal((await gateway.record())['fault'], 'upstream_protocol_error');
    });
  }
}

test('a head of 240000 octets is written to a client of HTTP/2 that takes it', async () => {
  size = 240_000;
  const host = 'tcp-large.wild.example.test';
  const request = literals([
    [':method', 'GET'],
    [':scheme', 'https'],
    [':authority', host],
    [':path', '/'],
  ]);
  const to = { port: gateway.port, ca: { certPem: gateway.caPem } };
  using client = await FrameConnection.open(to as never, { servername: host });

  client.send(frame(FRAME.headers, FLAG.endHeaders | FLAG.endStream, 1, request));
  const isHead = ({ type }: { type: number }) =>
    type === FRAME.headers || type === FRAME.continuation;
  const isLast = (got: { type: number; flags: number }) =>
    isHead(got) && (got.flags & FLAG.endHeaders) !== 0;
  await waitUntil('the whole head', () => client.frames.some(isLast));

  const blocks = client.frames.filter(isHead);
  const octets = blocks.reduce((sum, { payload }) => sum + payload.length, 0);
  assert.ok(octets > 200_000, `${octets} octets, compressed`);
  assert.ok(!client.has(FRAME.reset) && !client.has(FRAME.goaway));
});

test('the answer to an upgrade has the same limit', async () => {
  const upgrade = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  size = 30_000;
  const taken = await CLIENTS['HTTP/1.1']('lane.wild.example.test', upgrade);
  size = 34_000;
  const refused = await CLIENTS['HTTP/1.1']('tcp.wild.example.test', upgrade);

  assert.deepEqual([taken.status, refused.status], [200, 502]);
});
