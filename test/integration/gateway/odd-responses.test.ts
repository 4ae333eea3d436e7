import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { Backend } from '../../support/applications/backend.ts';
import { startFrameApplication } from '../../support/applications/frame-application.ts';
import type { FieldPairs } from '../../support/applications/frame-application.ts';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { extendedConnect } from '../../support/applications/websocket.ts';

// Response heads that are hard to carry on: over lanes and TCP, from HTTP/1.1 and HTTP/2 applications, to clients
// of both versions, and to those that ask for a WebSocket. Every one of them gets the same answer.

/** Written by the HTTP/1.1 application, piece by piece, each in a turn of its own. */
let pieces: readonly string[] = [];
/** Heads of the HTTP/2 application. */
let heads: readonly FieldPairs[] = [];
let http1: Backend;
let http2: Backend;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  http1 = await Backend.start((socket) => socket.on('data', () => void writePieces(socket)));
  http2 = await startFrameApplication(() => heads);
  router = await startRouter({ connectors: { 'app:1': http1.address } });
  const { port } = http1.address;
  gateway = await TestGateway.start({
    links: [router.link],
    policy: `
services:
  lane: { address: "app:1" }
  tcp: { via: tcp, host: 127.0.0.1, port: ${port} }
  h2: { via: tcp, host: 127.0.0.1, port: ${http2.address.port}, protocol: h2 }
routes:
  app:
    host: app.example.test
    service: lane
    auth: public
  tcp: { host: other.example.test, service: tcp, auth: public }
  h2: { host: a.wild.example.test, service: h2, auth: public }
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

async function writePieces(socket: Socket): Promise<void> {
  for (const piece of pieces) {
    socket.write(piece, 'latin1');
    await new Promise(setImmediate);
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function overHttp1(host: string): Promise<Answer> {
  using client = await rawTo(gateway, { servername: host });
  client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  const text = await client.ended();
  return { status: client.statuses.at(-1)!, text };
}

async function overHttp2(host: string): Promise<Answer> {
  const session = await http2To(gateway, host);
  const stream = session.request({ ':path': '/' });
  return answerOf(session, stream);
}

async function asWebSocket(host: string): Promise<Answer> {
  using client = await rawTo(gateway, { servername: host });
  const fields = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n';
  client.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n${fields}Sec-WebSocket-Key: ${KEY}\r\n\r\n`);
  const text = await client.ended();
  return { status: client.statuses.at(-1)!, text };
}

async function asWebSocketOverHttp2(host: string): Promise<Answer> {
  const session = await http2To(gateway, host);
  if (!session.remoteSettings.enableConnectProtocol) await once(session, 'remoteSettings');
  return answerOf(session, extendedConnect(session, '/', { headers: { ':authority': host } }));
}

async function answerOf(
  session: Awaited<ReturnType<typeof http2To>>,
  stream: ReturnType<Awaited<ReturnType<typeof http2To>>['request']>,
): Promise<Answer> {
  let [status, text] = [0, ''];
  stream.on('error', (error) => (text += `[${error.message}]`));
  stream.on('response', (fields, _flags, raw: unknown) => {
    status = Number(fields[':status']);
    text += (raw as string[]).join('\n');
  });
  stream.on('data', (chunk: Buffer) => (text += `\n${chunk.toString()}`));
  await once(stream, 'close');
  const { rstCode } = stream;
  session.destroy();
  assert.equal(rstCode, 0, 'the stream was broken');
  return { status, text };
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n';
/** Of each of these node wants one value in a message (its `kSingleValueFields`). */
const SINGLE_NAMES =
  'Access-Control-Allow-Credentials Access-Control-Max-Age Access-Control-Request-Method Age Authorization Content-Encoding Content-Language Content-Location Content-MD5 Content-Range Content-Type Date DNT ETag Expires From Host If-Match If-Modified-Since If-None-Match If-Range If-Unmodified-Since Last-Modified Location Max-Forwards Proxy-Authorization Range Referer Retry-After Tk Upgrade-Insecure-Requests User-Agent X-Content-Type-Options'.split(
    ' ',
  );
const SINGLES = OK.replace(
  'Content',
  SINGLE_NAMES.map((name) => `${name}: a\r\n${name}: b\r\n`).join('') + 'Content',
);
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

const HOSTS = { lanes: 'app.example.test', tcp: 'other.example.test' } as const;
const CLIENTS = {
  'HTTP/1.1': overHttp1,
  'HTTP/2': overHttp2,
  'a WebSocket': asWebSocket,
  'a WebSocket over HTTP/2': asWebSocketOverHttp2,
} as const;

/** What the application says, the status for the client, and the fault on record. */
const FROM_HTTP1: readonly (readonly [
  name: string,
  pieces: readonly string[],
  status: number,
  fault?: string,
])[] = [
  ['status 600', ['HTTP/1.1 600 What\r\nContent-Length: 2\r\n\r\nok'], 502, 'upstream_protocol_error'],
  ['status 999', ['HTTP/1.1 999 What\r\nContent-Length: 2\r\n\r\nok'], 502, 'upstream_protocol_error'],
  ['status 599', ['HTTP/1.1 599 What\r\nContent-Length: 2\r\n\r\nok'], 599],
  ['a 101 without Upgrade', ['HTTP/1.1 101 Switching\r\n\r\n'], 502, 'upstream_protocol_error'],
  [
    'a 101 that names another protocol',
    ['HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n'],
    502,
  ],
  ['a 100 that nobody asked for', [CONTINUE, OK], 200],
  ['a 100 and the response in one piece', [CONTINUE + OK], 200],
  ['a 100 with fields, octet by octet', ['HTTP/1.1 100 C\r\nA: b\r\n\r\n'.split(''), OK].flat(), 200],
  ['three of 100 about a 103', [CONTINUE, CONTINUE, 'HTTP/1.1 103 E\r\n\r\n', CONTINUE, OK], 200],
  ['a field of the old HTTP/2 upgrade', [OK.replace('Content', 'HTTP2-Settings: AAMAAABk\r\nContent')], 200],
  ['two of each field that should be one', [SINGLES], 200],
  ['two of a trailer that should be one', [CHUNKED + 'ETag: a\r\nETag: b\r\nX-A: 1\r\nX-A: 2\r\nlast-modified: a\r\nLast-Modified: b\r\n\r\n'], 200],
  ['a trailer of the old HTTP/2 upgrade', [CHUNKED + 'HTTP2-Settings: A\r\nUser-Agent: a\r\nUser-Agent: b\r\n\r\n'], 200],
  ['a control character in a value', [OK.replace('Content', 'X-A: a\x01b\r\nContent')], 502],
  ['octets above ASCII in a value', [OK.replace('Content', 'X-A: a\xe9\xffb\r\nContent')], 200],
  ['a name with a blank', [OK.replace('Content', 'X A: a\r\nContent')], 502],
  ['a name like a pseudo-field', [OK.replace('Content', ':status: 500\r\nContent')], 502],
  ['an empty name', [OK.replace('Content', ': a\r\nContent')], 502],
  ['an early hint twice', ['HTTP/1.1 103 E\r\nETag: a\r\nETag: b\r\n\r\n', OK], 200],
  ['a 205 with content', ['HTTP/1.1 205 Reset\r\nContent-Length: 2\r\n\r\nok'], 205],
  ['a 205 with chunks', ['HTTP/1.1 205 Reset\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'], 205],
]; // prettier-ignore

for (const [name, said, status, fault] of FROM_HTTP1) {
  for (const [way, host] of Object.entries(HOSTS)) {
    for (const [client, ask] of Object.entries(CLIENTS)) {
      test(`${name} is ${status} over ${way} to ${client}`, async () => {
        pieces = said;

        const answer = await ask(host);

        assert.equal(answer.status, status, answer.text);
        const record = await gateway.record();
        if (status === 502) assert.equal(record['fault'], fault ?? record['fault']);
        else assert.equal(record['fault'], undefined);
      });
    }
  }
}

test('after a 100 that nobody asked for, the connection is used again', async () => {
  pieces = [CONTINUE, OK];
  const host = HOSTS.tcp;
  await overHttp1(host);
  const before = http1.connections.length;

  for (let i = 0; i < 5; i += 1) assert.equal((await overHttp1(host)).status, 200);

  assert.equal(http1.connections.length, before);
});

test('an application that says 100 without end gets no further', async () => {
  pieces = Array.from({ length: 50 }, () => CONTINUE);

  const answer = await overHttp1(HOSTS.tcp);

  assert.equal(answer.status, 502);
});

const FROM_HTTP2: readonly (readonly [name: string, heads: readonly FieldPairs[], status: number])[] = [
  ['status 600', [[[':status', '600']]], 502],
  ['status 999', [[[':status', '999']]], 502],
  ['status 599', [[[':status', '599']]], 599],
  ['a 101', [[[':status', '101']], [[':status', '200']]], 502],
  ['a 100 that nobody asked for', [[[':status', '100']], [[':status', '200']]], 200],
  ['a field of the old HTTP/2 upgrade', [[[':status', '200'], ['http2-settings', 'A']]], 200],
  ['a 205', [[[':status', '205']]], 205],
]; // prettier-ignore

for (const [name, said, status] of FROM_HTTP2) {
  for (const client of ['HTTP/1.1', 'HTTP/2'] as const) {
    test(`${name} of an HTTP/2 application is ${status} to ${client}`, async () => {
      heads = said;

      const answer = await CLIENTS[client]('a.wild.example.test');

      assert.equal(answer.status, status, answer.text);
    });
  }
}

test('no Set-Cookie plants a cookie that comes back as a session of ours', async () => {
  const planted = [
    '=__Host-fairlead-corp=x',
    ' = __host-FAIRLEAD-corp=x',
    '__Host-fairlead-corp=x',
    '=a=b',
  ];
  const lines = planted.map((each) => `Set-Cookie: ${each}; Path=/\r\n`).join('');
  pieces = [OK.replace('Content', `${lines}Content`)];

  for (const ask of [overHttp1, overHttp2]) {
    const { text } = await ask(HOSTS.tcp);

    assert.doesNotMatch(text, /__host-fairlead/i);
    assert.match(text, /=a=b; Path/);
  }
});
