import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { bucketShape } from '../../../src/core/bucket-shape.ts';
import type { BucketShape } from '../../../src/core/bucket-shape.ts';
import type { ListenerConfig } from '../../../src/listener/context.ts';
import {
  FLAG,
  FRAME,
  frame,
  FrameConnection,
  literals,
} from '../../support/clients/http2-frames.ts';
import { rate } from '../../support/policy/policy.ts';
import {
  RawClient,
  secureSocket,
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
const headers = (stream: number): Buffer =>
  frame(FRAME.headers, FLAG.endStream | FLAG.endHeaders, stream, literals(GET));
const resets = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) =>
    Buffer.concat([
      headers(1 + 2 * i),
      frame(FRAME.reset, 0, 1 + 2 * i, Buffer.from([0, 0, 0, 8])),
    ]),
  );

const CLIENT = {
  handshakeMs: 10_000,
  headersMs: 10_000,
  bodyMinRate: 240,
  bodyTotalMs: undefined,
  writeMs: 60_000,
  idleMs: 75_000,
};

/** What a client does, by the reason that is told. */
const DROPS: readonly (readonly [
  string,
  string,
  (to: Listening) => Promise<unknown>,
  Partial<ListenerConfig>?,
])[] = [
  [
    'total_ceiling',
    'a connection too many',
    async (to) => {
      await secureSocket(to);
      RawClient.plain(to.port);
    },
    { limits: limits(1, 9) },
  ],
  [
    'address_ceiling',
    'a connection too many of one address',
    async (to) => {
      await secureSocket(to);
      RawClient.plain(to.port);
    },
    { limits: limits(9, 1) },
  ],
  [
    'handshake_ceiling',
    'a handshake too many of one address',
    async (to) => {
      await secureSocket(to);
      RawClient.plain(to.port);
    },
    { limits: limits(9, 9, bucketShape(rate('1/h'), undefined)) },
  ],
  [
    'malformed_hello',
    'a hello that is none',
    async (to) => {
      const record = Buffer.from([22, 3, 1, 0, 5, 1, 0, 0, 1, 0]);
      RawClient.plain(to.port).socket.write(record);
    },
  ],
  [
    'handshake_timeout',
    'a client that says nothing',
    async (to) => RawClient.plain(to.port),
    { client: { ...CLIENT, handshakeMs: 20 } },
  ],
  [
    'handshake_gone',
    'a client that leaves before it said anything',
    async (to) => RawClient.plain(to.port).socket.end(),
  ],
  [
    'settings_timeout',
    'a client of HTTP/2 that says nothing',
    async (to) => secureSocket(to, { ALPNProtocols: ['h2'] }),
    { client: { ...CLIENT, headersMs: 20 } },
  ],
  ...['h2', 'http/1.1'].map(
    (protocol) =>
      [
        'broken_tls',
        `octets that are no TLS after the handshake for ${protocol}`,
        async (to: Listening) => {
          const plain = connect(to.port, '127.0.0.1');
          const socket = await secureSocket(to, { socket: plain, ALPNProtocols: [protocol] });
          // The gateway sends its tickets when the handshake is over on its side too.
          await once(socket, 'session');
          plain.write('no TLS at all, and more than a record head');
        },
      ] as const,
  ),
  [
    'untrusted_peer',
    'a peer that is no balancer on the plain port',
    async (to) => RawClient.plain(to.plainPort),
    { plainPeers: undefined },
  ],
  [
    'first_octets_timeout',
    'a balancer that says nothing',
    async (to) => RawClient.plain(to.plainPort),
    { client: { ...CLIENT, handshakeMs: 20 } },
  ],
  [
    'first_octets_timeout',
    'a balancer that says half a preface',
    async (to) => RawClient.plain(to.plainPort).write('PRI * HT'),
    { client: { ...CLIENT, handshakeMs: 20 } },
  ],
  [
    'first_octets_gone',
    'a balancer that leaves before it said anything',
    async (to) => RawClient.plain(to.plainPort).socket.end(),
  ],
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

for (const [reason, what, drop, config] of DROPS) {
  test(`tells ${reason} of ${what}, with the address, once`, async () => {
    await using gateway = await startListening({
      names: [['a.example'], ['b.example']],
      ...(config !== undefined && { config }),
    });

    await drop(gateway);
    await until(() => gateway.drops.length > 0, 'a drop is told');

    assert.deepEqual([...gateway.drops], [{ reason, address: '127.0.0.1' }]);
    assert.equal(gateway.listener.stats.drops[reason as 'flood'], 1);
  });
}

function limits(
  connections: number,
  ofOneAddress: number,
  handshakes?: BucketShape,
): ListenerConfig['limits'] {
  const perClientAddress = { connections: ofOneAddress, rate: undefined, handshakes };
  return { connections, perClientAddress, headerBytes: 32_768, headerCount: 128 };
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
