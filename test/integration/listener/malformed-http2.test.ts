import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  FLAG,
  FRAME,
  frame,
  FrameConnection,
  literals,
} from '../../support/clients/http2-frames.ts';
import {
  respondEcho,
  respondOk,
  startListening,
  until,
  type Listening,
} from '../../support/gateway/listening.ts';

type Fields = readonly (readonly [string, string])[];

const METHOD = [':method', 'GET'] as const;
const SCHEME = [':scheme', 'https'] as const;
const AUTHORITY = [':authority', 'a.example'] as const;
const PATH = [':path', '/'] as const;
const GET: Fields = [METHOD, SCHEME, AUTHORITY, PATH];

/** `status` where a refusal is recorded and answered; `reset` where nghttp2 ends it before we see it. */
const CASES: readonly { name: string; fields: Fields; end: 'reset' | number }[] = [
  { name: 'no method', fields: [SCHEME, AUTHORITY, PATH], end: 'reset' },
  { name: 'no path', fields: [METHOD, SCHEME, AUTHORITY], end: 'reset' },
  { name: 'an empty path', fields: [METHOD, SCHEME, AUTHORITY, [':path', '']], end: 'reset' },
  { name: 'a path twice', fields: [...GET, PATH], end: 'reset' },
  { name: 'an unknown pseudo-field', fields: [...GET, [':x', 'y']], end: 'reset' },
  { name: 'a pseudo-field of responses', fields: [...GET, [':status', '200']], end: 'reset' },
  {
    name: 'a pseudo-field after a field',
    fields: [METHOD, SCHEME, ['a', 'b'], AUTHORITY, PATH],
    end: 'reset',
  },
  { name: 'an upper-case name', fields: [...GET, ['Abc', 'x']], end: 'reset' },
  { name: 'Connection', fields: [...GET, ['connection', 'close']], end: 'reset' },
  { name: 'Transfer-Encoding', fields: [...GET, ['transfer-encoding', 'chunked']], end: 'reset' },
  { name: 'Upgrade', fields: [...GET, ['upgrade', 'x']], end: 'reset' },
  { name: 'Keep-Alive', fields: [...GET, ['keep-alive', 'x']], end: 'reset' },
  { name: 'Proxy-Connection', fields: [...GET, ['proxy-connection', 'x']], end: 'reset' },
  { name: 'TE other than trailers', fields: [...GET, ['te', 'gzip']], end: 'reset' },
  {
    name: 'an announced body that does not come',
    fields: [...GET, ['content-length', '3']],
    end: 'reset',
  },
  {
    name: 'two lengths',
    fields: [...GET, ['content-length', '0'], ['content-length', '0']],
    end: 'reset',
  },
  { name: 'a length that is no number', fields: [...GET, ['content-length', '+0']], end: 'reset' },
  {
    name: 'a path that is not rooted',
    fields: [METHOD, SCHEME, AUTHORITY, [':path', 'x']],
    end: 'reset',
  },
  {
    name: 'a CR LF in the path',
    fields: [METHOD, SCHEME, AUTHORITY, [':path', '/ HTTP/1.1\r\nx: y']],
    end: 'reset',
  },
  {
    name: 'a space in the path',
    fields: [METHOD, SCHEME, AUTHORITY, [':path', '/a b']],
    end: 'reset',
  },
  {
    name: 'a CR LF in the authority',
    fields: [METHOD, SCHEME, [':authority', 'a\r\nb'], PATH],
    end: 'reset',
  },
  {
    name: 'a space in the method',
    fields: [[':method', 'GET /x'], SCHEME, AUTHORITY, PATH],
    end: 'reset',
  },
  { name: 'a fragment', fields: [METHOD, SCHEME, AUTHORITY, [':path', '/a#b']], end: 400 },
  { name: 'another scheme', fields: [METHOD, [':scheme', 'http'], AUTHORITY, PATH], end: 400 },
  { name: 'a host other than the authority', fields: [...GET, ['host', 'b.example']], end: 400 },
  {
    name: 'a user in the authority',
    fields: [METHOD, SCHEME, [':authority', 'u@a.example'], PATH],
    end: 'reset',
  },
  { name: 'no authority and no host', fields: [METHOD, SCHEME, PATH], end: 'reset' },
  {
    name: 'another authority than the server name',
    fields: [METHOD, SCHEME, [':authority', 'b.example'], PATH],
    end: 421,
  },
  { name: 'TRACE', fields: [[':method', 'TRACE'], SCHEME, AUTHORITY, PATH], end: 405 },
  { name: 'CONNECT', fields: [[':method', 'CONNECT'], AUTHORITY], end: 405 },
  {
    name: 'a WebSocket that ends with its head',
    fields: [[':method', 'CONNECT'], [':protocol', 'websocket'], SCHEME, AUTHORITY, PATH],
    end: 400,
  },
  {
    name: 'extended CONNECT to another protocol',
    fields: [[':method', 'CONNECT'], [':protocol', 'connect-udp'], SCHEME, AUTHORITY, PATH],
    end: 405,
  },
  {
    name: ':protocol without CONNECT',
    fields: [METHOD, [':protocol', 'websocket'], SCHEME, AUTHORITY, PATH],
    end: 'reset',
  },
  { name: 'an unknown expectation', fields: [...GET, ['expect', 'x']], end: 417 },
  { name: 'a look-alike of a guarded name', fields: [...GET, ['x_user', 'root']], end: 400 },
  {
    name: 'two Authorization fields',
    fields: [...GET, ['authorization', 'Bearer a'], ['authorization', 'Bearer b']],
    end: 400,
  },
  {
    name: 'a target too long',
    fields: [METHOD, SCHEME, AUTHORITY, [':path', `/${'x'.repeat(8_192)}`]],
    end: 414,
  },
];

let gateway: Listening;
before(async () => (gateway = await startListening()));
after(() => gateway[Symbol.asyncDispose]());

function headers(fields: Fields, flags = FLAG.endStream | FLAG.endHeaders): Buffer {
  return frame(FRAME.headers, flags, 1, literals(fields));
}

for (const { name, fields, end } of CASES) {
  test(`refuses ${name} over HTTP/2 (${end})`, async () => {
    gateway.handler.handled.length = 0;
    gateway.handler.refusals.length = 0;
    using client = await FrameConnection.open(gateway);

    client.send(headers(fields));
    await client.over(1);

    assert.equal(gateway.handler.handled.length, 0);
    const statuses = gateway.handler.refusals.map(({ refusal }) => refusal.status);
    assert.deepEqual(statuses, end === 'reset' ? [] : [end]);
  });
}

test('never hands over a value with CR or LF (R-4)', async () => {
  gateway.handler.handled.length = 0;
  using client = await FrameConnection.open(gateway);

  client.send(headers([...GET, ['x', 'a\r\nhost: b'], ['y', 'z']]));
  await client.over(1);

  const seen = gateway.handler.handled.flatMap((request) => request.headers);
  assert.ok(!seen.some((text) => /[\r\n]/.test(text)), JSON.stringify(seen));
});

test('fails a body longer or shorter than announced (F8)', async () => {
  for (const octets of [2, 4]) {
    gateway.handler.handled.length = 0;
    const outcome = Promise.withResolvers<string>();
    gateway.handler.respond = (request) =>
      request.body.consume({
        data: () => {},
        end: () => outcome.resolve('complete'),
        fail: () => outcome.resolve('failed'),
      });
    using client = await FrameConnection.open(gateway);

    client.send(headers([...GET, ['content-length', '3']], FLAG.endHeaders));
    await until(() => gateway.handler.handled.length === 1, 'handled');
    client.send(frame(FRAME.data, FLAG.endStream, 1, Buffer.alloc(octets)));

    assert.equal(await outcome.promise, 'failed', `${octets} octets for 3`);
  }
});

function repeated(count: number, name: string, value: string): Fields {
  return Array.from({ length: count }, () => [name, value] as const);
}

const MANY_FIELDS: readonly { name: string; fields: Fields; status: 200 | 431 }[] = [
  { name: '128 fields', fields: repeated(128, 'a', 'b'), status: 200 },
  { name: '129 fields', fields: repeated(129, 'a', 'b'), status: 431 },
  { name: '1000 fields', fields: repeated(1_000, 'a', 'b'), status: 431 },
  { name: '300 cookies', fields: repeated(300, 'cookie', 'a=b'), status: 200 },
  {
    name: '300 cookies among 128 other fields',
    fields: [...repeated(128, 'a', 'b'), ...repeated(300, 'cookie', 'a=b')],
    status: 431,
  },
  { name: '40 KB of cookies', fields: repeated(40, 'cookie', 'c'.repeat(1_000)), status: 431 },
  { name: '40 KB in a field', fields: [['x', 'y'.repeat(40_000)]], status: 431 },
];

for (const { name, fields, status } of MANY_FIELDS) {
  test(`answers ${status} to ${name} over HTTP/2, and tells it (R-20)`, async () => {
    gateway.handler.handled.length = 0;
    gateway.handler.refusals.length = 0;
    gateway.handler.respond = respondOk;
    using client = await FrameConnection.open(gateway);

    client.send(...headerFrames([...GET, ...fields]));
    await client.over(1);

    const statuses = gateway.handler.refusals.map(({ refusal }) => refusal.status);
    assert.deepEqual(statuses, status === 200 ? [] : [status]);
    assert.equal(gateway.handler.handled.length, status === 200 ? 1 : 0);
    assert.ok(client.has(FRAME.headers, 1), 'there is an answer');
  });
}

/** As many CONTINUATION frames as the fields need. */
function headerFrames(fields: Fields): Buffer[] {
  const block = literals(fields);
  const frames: Buffer[] = [];
  for (let at = 0; at < block.length; at += 16_384) {
    const part = block.subarray(at, at + 16_384);
    const end = at + 16_384 >= block.length ? FLAG.endHeaders : 0;
    const isFirst = at === 0;
    frames.push(
      frame(
        isFirst ? FRAME.headers : FRAME.continuation,
        isFirst ? FLAG.endStream | end : end,
        1,
        part,
      ),
    );
  }
  return frames;
}

const FLOODS: readonly { name: string; frames: readonly Buffer[] }[] = [
  { name: 'SETTINGS', frames: Array(5_000).fill(frame(FRAME.settings, 0, 0, Buffer.alloc(0))) },
  { name: 'PING', frames: Array(5_000).fill(frame(FRAME.ping, 0, 0, Buffer.alloc(8))) },
  {
    name: 'CONTINUATION',
    frames: [
      headers(GET, 0),
      ...Array(500).fill(frame(FRAME.continuation, 0, 1, literals([['a', 'b']]))),
    ],
  },
  {
    name: 'empty DATA',
    frames: [
      headers(GET, FLAG.endHeaders),
      ...Array(20_000).fill(frame(FRAME.data, 0, 1, Buffer.alloc(0))),
    ],
  },
];

for (const { name, frames } of FLOODS) {
  test(`a flood of ${name} whose answers are not read does not harm others (R-19)`, async () => {
    gateway.handler.respond = respondEcho;
    using attacker = await FrameConnection.open(gateway);
    attacker.socket.pause();
    const before = process.memoryUsage().rss;

    attacker.send(...frames);
    using client = await FrameConnection.open(gateway);
    client.send(headers(GET));
    await client.over(1);

    assert.ok(client.has(FRAME.headers, 1), 'another client is answered');
    assert.ok(process.memoryUsage().rss - before < 100 * 1024 * 1024, 'memory stays bounded');
  });
}
