import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { test } from 'node:test';
import { secureTo } from '../../support/clients/gateway-clients.ts';
import { GatewayScene } from '../../support/gateway/gateway-scene.ts';

/** A proxy at 127.0.0.1 says who its clients are. */
const PROXY = '127.0.0.1';

const routes = (name: string, host: string, service: string) => `
  ${name}:
    host: ${host}
    service: ${service}
    auth: public
    from: { allow: [203.0.113.0/24, 198.51.100.7, "2001:db8::/32"], deny: [203.0.113.66] }
    cors: { origins: [https://x.example.test] }
    paths:
      /narrow: { from: { allow: [203.0.113.9, 192.0.2.1] } }
`;

const scene = GatewayScene.forFile({
  routingKeys: ['far'],
  passthrough: 'pass.example.test',
  set: (port) => ({
    gateway: `trustedProxies: [${PROXY}]\nfrom: { deny: [203.0.113.99, 127.0.0.99] }`,
    policy: `
services:
  near: { via: tcp, host: 127.0.0.1, port: ${port} }
routes:
${routes('lane', 'app.example.test', 'far')}
${routes('tcp', 'other.example.test', 'near')}
  pass: { host: pass.example.test, service: pass, passthrough: true, from: { allow: [127.0.0.7, 127.0.0.99] } }
`,
  }),
});

interface Asking {
  readonly client: string;
  readonly host?: string;
  readonly version?: '1.1' | '2';
  readonly path?: string;
  readonly method?: string;
  /** Where it connects from. */
  readonly from?: string;
}

async function statusOf(asking: Asking): Promise<number> {
  const { client, host = 'other.example.test', version = '1.1' } = asking;
  const { path = '/', method = 'GET', from = PROXY } = asking;
  const tcp = connect({ host: '127.0.0.1', port: scene.gateway.port, localAddress: from });
  const ALPNProtocols = [version === '2' ? 'h2' : 'http/1.1'];
  const socket = await secureTo(scene.gateway, { servername: host, ALPNProtocols, socket: tcp });
  if (version === '2') {
    const session = connectHttp2(`https://${host}`, { createConnection: () => socket });
    const fields = { ':path': path, ':method': method, ':authority': host };
    const stream = session.request({ ...fields, 'x-forwarded-for': client });
    const status = await new Promise<number>((resolve, reject) => {
      stream.once('response', (head) => resolve(head[':status']!));
      stream.once('error', reject);
    });
    session.destroy();
    return status;
  }
  const lines = [`Host: ${host}`, 'Connection: close', `X-Forwarded-For: ${client}`];
  const preflight = ['Origin: https://x.example.test', 'Access-Control-Request-Method: GET'];
  if (method === 'OPTIONS') lines.push(...preflight);
  socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  return Number((await textOf(socket)).split(' ')[1]);
}

for (const host of ['app.example.test', 'other.example.test']) {
  for (const version of ['1.1', '2'] as const) {
    test(`allow and deny of a route, and of its path too (${host}, HTTP/${version})`, async () => {
      const ask = (client: string, path?: string) =>
        statusOf({ client, host, version, ...(path !== undefined && { path }) });

      assert.equal(await ask('203.0.113.9'), 200);
      assert.equal(await ask('2001:db8:7::1'), 200);
      assert.equal(await ask('198.51.100.8'), 403);
      assert.equal(await ask('203.0.113.66'), 403, 'deny goes before allow');
      assert.equal(await ask('203.0.113.9', '/narrow'), 200);
      assert.equal(await ask('203.0.113.10', '/narrow'), 403);
      assert.equal(await ask('192.0.2.1', '/narrow'), 403, 'a path opens nothing its route closes');
    });
  }
}

test('the refusal has its code, and its reason says which list', async () => {
  const before = scene.application.requests;

  for (const client of ['203.0.113.66', '198.51.100.8', '203.0.113.99']) await statusOf({ client });
  const records = [
    await scene.gateway.record(1),
    await scene.gateway.record(2),
    await scene.gateway.record(3),
  ];

  assert.deepEqual(
    records.map((record) => [record['refusal'], record['reason'], record['reason_detail']]),
    [
      ['address_not_allowed', 'address.denied', 'routes.tcp.from.deny has 203.0.113.66'],
      [
        'address_not_allowed',
        'address.not_allowed',
        '198.51.100.8 is not in routes.tcp.from.allow',
      ],
      ['address_not_allowed', 'address.denied', 'gateway.from.deny has 203.0.113.99'],
    ],
  );
  assert.deepEqual(
    records.map(({ route }) => route),
    ['tcp', 'tcp', undefined],
  );
  assert.equal(scene.application.requests, before);
});

test('who is not let in learns nothing: no preflight, no own page, no other host', async () => {
  assert.equal(await statusOf({ client: '203.0.113.9', method: 'OPTIONS' }), 204);
  assert.equal(await statusOf({ client: '198.51.100.8', method: 'OPTIONS' }), 403);
  assert.equal(await statusOf({ client: '203.0.113.9', path: '/.fairlead/x' }), 404);
  assert.equal(await statusOf({ client: '203.0.113.99', path: '/.fairlead/x' }), 403);
});

test('a client that is no proxy is judged by its own address, whatever it says', async () => {
  assert.equal(await statusOf({ client: '203.0.113.9', from: '127.0.0.7' }), 403);
  assert.equal((await scene.gateway.record())['client.address'], '127.0.0.7');
});

test('a passthrough connection is judged by its address, by the gateway and by its route', async () => {
  const ask = async (localAddress: string): Promise<string> => {
    const socket = connect({ host: '127.0.0.1', port: scene.gateway.port, localAddress });
    const options = { ca: scene.behind.caPem, ALPNProtocols: ['imap'] };
    const tls = connectTls({ ...options, socket, servername: 'pass.example.test' });
    tls.end('hello');
    return textOf(tls).catch(() => '');
  };

  assert.equal(await ask('127.0.0.7'), 'hello');
  assert.equal(await ask('127.0.0.8'), '');
  assert.equal(await ask('127.0.0.99'), '');
  const records = [
    await scene.gateway.record(1),
    await scene.gateway.record(2),
    await scene.gateway.record(3),
  ];
  assert.deepEqual(
    records.map(({ refusal, reason }) => [refusal, reason]),
    [
      [undefined, undefined],
      ['address_not_allowed', 'address.not_allowed'],
      ['address_not_allowed', 'address.denied'],
    ],
  );
});
