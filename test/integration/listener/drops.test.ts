import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLAG, FRAME, frame, FrameConnection, literals } from '../../support/http2-frames.ts';
import {
  RawClient,
  secureSocket,
  startListening,
  until,
  type Listening,
} from '../../support/listening.ts';

const GET = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':authority', 'a.example'],
  [':path', '/'],
] as const;
const headers = (stream: number): Buffer =>
  frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, stream, literals(GET));
const resets = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) =>
    Buffer.concat([
      headers(1 + 2 * i),
      frame(FRAME.reset, 0, 1 + 2 * i, Buffer.from([0, 0, 0, 8])),
    ]),
  );

/** What a client does, by the reason that is told. The rest has tests of its own, with clocks. */
const DROPS: readonly (readonly [string, string, (to: Listening) => Promise<unknown>])[] = [
  ['not_tls', 'plain HTTP', async (to) => RawClient.plain(to.port).write('GET / HTTP/1.1\r\n\r\n')],
  ['unknown_server_name', 'another name', async (to) => handshake(to, { servername: 'x.example' })],
  [
    'no_application_protocol',
    'another protocol',
    async (to) => handshake(to, { ALPNProtocols: ['x'] }),
  ],
  [
    'handshake_failed',
    'an old TLS',
    async (to) =>
      handshake(to, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'ALL@SECLEVEL=0' }),
  ],
  [
    'pipelined_too_far',
    'twenty requests at once',
    async (to) => {
      to.handler.respond = () => {};
      (await RawClient.secure(to)).write('GET / HTTP/1.1\r\nHost: a.example\r\n\r\n'.repeat(20));
    },
  ],
  [
    'protocol_error',
    'DATA on an idle stream',
    async (to) => http2(to, frame(FRAME.data, 0, 7, Buffer.alloc(5))),
  ],
  [
    'protocol_error',
    'a broken field section',
    async (to) =>
      http2(to, frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, 1, Buffer.alloc(7, 255))),
  ],
  [
    'protocol_error',
    'a PING of five octets',
    async (to) => http2(to, frame(FRAME.ping, 0, 0, Buffer.alloc(5))),
  ],
  [
    'flood',
    'a flood of SETTINGS',
    async (to) =>
      http2(to, ...Array<Buffer>(5_000).fill(frame(FRAME.settings, 0, 0, Buffer.alloc(0)))),
  ],
  ['reset_budget', 'a hundred and fifty resets', async (to) => http2(to, ...resets(150))],
  ['reset_budget', 'a thousand resets in one read', async (to) => http2(to, ...resets(1_000))],
];

for (const [reason, what, drop] of DROPS) {
  test(`tells ${reason} of ${what}, with the address, once`, async () => {
    await using gateway = await startListening({ names: [['a.example'], ['b.example']] });

    await drop(gateway);
    await until(() => gateway.drops.length > 0, 'a drop is told');

    assert.deepEqual([...gateway.drops], [{ reason, address: '127.0.0.1' }]);
    assert.equal(gateway.listener.stats.drops[reason as 'flood'], 1);
  });
}

async function handshake(to: Listening, options: object): Promise<void> {
  await secureSocket(to, options).catch(() => {});
}

async function http2(to: Listening, ...frames: readonly Buffer[]): Promise<void> {
  const client = await FrameConnection.open(to);
  await until(() => client.has(FRAME.settings), 'settings');
  client.send(...frames);
}

for (const protocol of ['h2', 'http/1.1']) {
  for (const how of ['end', 'destroy'] as const) {
    test(`a client that leaves (${how}) before its first octet of ${protocol} is let go at once`, async () => {
      await using gateway = await startListening();
      const socket = await secureSocket(gateway, { ALPNProtocols: [protocol] });
      socket.on('error', () => {});

      socket[how]();
      gateway.listener.stopAccepting();
      gateway.listener.startClosing();

      await until(() => gateway.listener.stats.openConnections === 0, 'the connection is gone');
      await gateway.listener.closed();
    });
  }
}
