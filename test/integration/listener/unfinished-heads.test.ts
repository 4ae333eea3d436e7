import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import {
  FLAG,
  FRAME,
  frame,
  FrameConnection,
  literals,
} from '../../support/clients/http2-frames.ts';
import { Http2Client } from '../../support/clients/http2-client.ts';
import {
  RawClient,
  respondOk,
  startListening,
  until,
  type Listening,
} from '../../support/gateway/listening.ts';

const GET = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a.example'],
  [':path', '/'],
] as const;
const LIMITS = {
  handshakeMs: 10_000,
  headersMs: 10_000,
  bodyMinRate: 240,
  bodyTotalMs: undefined,
  writeMs: 60_000,
  idleMs: 75_000,
};
const HEAD = 'GET / HTTP/1.1\r\nHost: a.example\r\n';
const HEADERS = frame(FRAME.headers, FLAG.endStream, 1, literals(GET));
const NO_SETTINGS = { preface: Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') };

/** What the client has said so far, and what it says each second, in vain. */
interface Way {
  readonly open: (to: Listening) => Promise<RawClient | FrameConnection>;
  readonly drip: (second: number) => Buffer;
}

const http1 =
  (first: string): Way['open'] =>
  async (to) => {
    const client = await RawClient.secure(to);
    client.write(first);
    return client;
  };
const http2 =
  (...first: readonly Buffer[]): Way['open'] =>
  async (to) => {
    const client = await FrameConnection.open(to);
    await until(() => client.has(FRAME.settings), 'settings');
    client.send(...first);
    return client;
  };
const plain =
  (first: string | Buffer): Way['open'] =>
  async (to) => {
    const client = RawClient.plain(to.plainPort);
    client.write(first);
    return client;
  };
const silence = (): Buffer => Buffer.alloc(0);
const field = (second: number): Buffer => literals([[`x-${second}`, 'y']]);

const WAYS: Readonly<Record<string, Way>> = {
  'HTTP/1.1: half a request line': { open: http1('GE'), drip: silence },
  'HTTP/1.1: fields that drip': { open: http1(HEAD), drip: (n) => Buffer.from(`x-${n}: y\r\n`) },
  'HTTP/1.1: empty lines that drip': { open: http1('\r\n'), drip: () => Buffer.from('\r\n') },
  'HTTP/2: nothing': {
    open: async (to) => RawClient.secure(to, { ALPNProtocols: ['h2'] }),
    drip: silence,
  },
  'HTTP/2: half a preface': {
    open: async (to) => halfPreface(to, 10),
    drip: silence,
  },
  'HTTP/2: a preface without SETTINGS': {
    open: async (to) => halfPreface(to, NO_SETTINGS.preface.length),
    drip: silence,
  },
  'HTTP/2: HEADERS without END_HEADERS': { open: http2(HEADERS), drip: silence },
  'HTTP/2: HEADERS without END_HEADERS, in one read with SETTINGS': {
    open: async (to) => {
      const client = await RawClient.secure(to, { ALPNProtocols: ['h2'] });
      const settings = frame(FRAME.settings, 0, 0, Buffer.alloc(0));
      client.write(Buffer.concat([NO_SETTINGS.preface, settings, HEADERS]));
      return client;
    },
    drip: silence,
  },
  'HTTP/2: HEADERS without END_HEADERS, in one read with a whole head': {
    open: http2(
      frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, 1, literals(GET)),
      frame(FRAME.headers, FLAG.endStream, 3, literals(GET)),
    ),
    drip: silence,
  },
  'HTTP/2: a CONTINUATION that drips': {
    open: http2(
      HEADERS,
      Buffer.concat([frame(FRAME.continuation, 0, 1, Buffer.alloc(16_000)).subarray(0, 9)]),
    ),
    drip: () => Buffer.from([0]),
  },
  'HTTP/2: CONTINUATION frames that drip': {
    open: http2(HEADERS),
    drip: (n) => (n < 7 ? frame(FRAME.continuation, 0, 1, field(n)) : Buffer.alloc(0)),
  },
  'plain HTTP/1.1: half a request line': { open: plain('GE'), drip: silence },
  'plain HTTP/1.1: fields that drip': {
    open: plain(HEAD),
    drip: (n) => Buffer.from(`x-${n}: y\r\n`),
  },
  'plain HTTP/2: a preface without SETTINGS': { open: plain(NO_SETTINGS.preface), drip: silence },
  'plain HTTP/2: HEADERS without END_HEADERS': {
    open: plain(
      Buffer.concat([NO_SETTINGS.preface, frame(FRAME.settings, 0, 0, Buffer.alloc(0)), HEADERS]),
    ),
    drip: silence,
  },
  'HTTP/2: the first octets of HEADERS': { open: http2(HEADERS.subarray(0, 5)), drip: silence },
};

async function halfPreface(to: Listening, octets: number): Promise<RawClient> {
  const client = await RawClient.secure(to, { ALPNProtocols: ['h2'] });
  client.write(NO_SETTINGS.preface.subarray(0, octets));
  return client;
}

for (const [name, { open, drip }] of Object.entries(WAYS)) {
  test(`a head left unfinished ends within gateway.client.headers: ${name} (R-23)`, async () => {
    const clock = new FakeClock();
    await using gateway = await startListening({ clock });
    using client = await open(gateway);
    await until(() => gateway.listener.stats.openConnections === 1, 'accepted');
    // What was sent is read, of which nothing tells.
    await pause(30);

    for (let second = 0; second < 13 && !client.isClosed; second += 1) {
      client.socket.write(drip(second));
      await pause(5);
      clock.advance(1_000);
    }
    clock.advance(3_000);

    await until(() => gateway.listener.stats.openConnections === 0, 'the connection is closed');
    const told = [...gateway.drops.map(({ reason }) => reason), ...codes(gateway)];
    assert.match(told.join(), /^(head_timeout|settings_timeout|request_timeout)$/);
  });
}

function codes(gateway: Listening): string[] {
  return gateway.handler.refusals.map(({ refusal }) => refusal.code);
}

test('half a head that came in one read with a whole one ends, too', async () => {
  await using gateway = await startListening({
    config: { client: { ...LIMITS, headersMs: 1_000 } },
  });
  using client = await RawClient.secure(gateway);

  client.write(`${HEAD}\r\nGET /next HTTP/1.1\r\nHost: a.exa`);
  await client.ended();

  assert.deepEqual(client.statuses, [200, 408]);
});

test('half a head behind a request that is served gets its time when that is over', async () => {
  await using gateway = await startListening({
    config: { client: { ...LIMITS, headersMs: 1_000 } },
  });
  const answered = Promise.withResolvers<() => void>();
  gateway.handler.respond = (request, sink) => {
    gateway.handler.respond = respondOk;
    answered.resolve(() => respondOk(request, sink));
  };
  using client = await RawClient.secure(gateway);

  client.write(`${HEAD}\r\n${HEAD}X: `);
  const answer = await answered.promise;
  await pause(2_500);
  answer();
  await client.got(/ok$/);
  client.write('y\r\n\r\n');
  await client.got(/ok[^]+ok$/);

  assert.deepEqual(client.statuses, [200, 200]);
});

test('an unfinished head ends an HTTP/2 connection whose other streams are open', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  gateway.handler.respond = (_request, sink) => sink.head(200, [], { length: undefined });
  using client = await FrameConnection.open(gateway);
  client.send(frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, 1, literals(GET)));
  await until(() => client.has(FRAME.headers, 1), 'the first is answered');

  client.send(frame(FRAME.headers, FLAG.endStream, 3, literals(GET)));
  await pause(30);
  clock.advance(13_000);

  await until(() => gateway.listener.stats.openConnections === 0, 'the connection is closed');
  assert.deepEqual(
    gateway.drops.map(({ reason }) => reason),
    ['head_timeout'],
  );
});

test('a stream that the parser resets is told, and costs its connection nothing', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  using client = await Http2Client.open(gateway);
  await client.request();

  const many = Array.from({ length: 2_500 }, () => ['a', 'b']).flat();
  await client.request(many).catch(() => {});
  for (let second = 0; second < 30; second += 1) {
    clock.advance(1_000);
    await pause(5);
  }

  assert.equal((await client.request()).status, 200);
  assert.deepEqual(
    gateway.drops.map(({ reason }) => reason),
    ['head_refused'],
  );
});

test('an idle client that keeps its HTTP/2 connection alive with PING is not in doubt', async () => {
  const clock = new FakeClock();
  await using gateway = await startListening({ clock });
  using client = await Http2Client.open(gateway);
  await client.request();

  for (let second = 0; second < 40; second += 1) {
    client.session.ping(() => {});
    await pause(5);
    clock.advance(1_000);
  }

  assert.equal(client.session.destroyed, false);
  assert.deepEqual(gateway.drops, []);
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
