import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { test } from 'node:test';
import { Haproxy, NO_HAPROXY } from '../../support/balancers/haproxy.ts';
import { version1, version2 } from '../../support/balancers/proxy-header.ts';
import { secureTo } from '../../support/clients/gateway-clients.ts';
import { GatewayScene } from '../../support/gateway/gateway-scene.ts';
import { metricValue } from '../../support/tools/metric.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

/** The balancer is 127.0.0.1 to 127.0.0.15. */
const LISTEN = 'http: "127.0.0.1:0", proxyProtocol: { from: [127.0.0.0/28] }';
const BALANCER = '127.0.0.1';
const STRANGER = '127.0.0.77';
const CLIENT = '203.0.113.9';

const scene = GatewayScene.forFile({
  routingKeys: ['far'],
  passthrough: 'pass.example.test',
  set: (port) => ({
    listen: LISTEN,
    gateway: `client: { handshake: 1s }
limits: { perClientAddress: { connections: 2 } }
trustedProxies: [198.51.100.0/24]`,
    policy: `
services:
  near: { via: tcp, host: 127.0.0.1, port: ${port} }
routes:
  lane: { host: app.example.test, service: far, auth: public }
  tcp: { host: other.example.test, service: near, auth: public }
  pass: { host: pass.example.test, service: pass, passthrough: true }
`,
  }),
});

/** A connection that begins with what a balancer says of it. */
function dial(header: Uint8Array, localAddress: string, port = scene.gateway.port): Socket {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.on('error', () => {});
  if (header.length > 0) socket.write(header);
  return socket;
}

interface Asking {
  readonly host: string;
  readonly version: '1.1' | '2';
  readonly header: Uint8Array;
  readonly from?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly port?: number;
}

/** The answer's body. */
async function ask({ host, version, header, from = BALANCER, fields = {}, port }: Asking) {
  const tcp = dial(header, from, port);
  const ALPNProtocols = [version === '2' ? 'h2' : 'http/1.1'];
  const socket = await secureTo(scene.gateway, { servername: host, ALPNProtocols, socket: tcp });
  if (version === '1.1') {
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines.join('')}\r\n`);
    return textOf(socket);
  }
  const session = connectHttp2(`https://${host}`, { createConnection: () => socket });
  const body = await textOf(session.request({ ':path': '/', ':authority': host, ...fields }));
  session.destroy();
  return body;
}

const HEADERS = { 'version 1': version1, 'version 2': version2 };

for (const [name, header] of Object.entries(HEADERS)) {
  for (const version of ['1.1', '2'] as const) {
    for (const host of ['app.example.test', 'other.example.test']) {
      test(`${name}: the client is who the balancer says (HTTP/${version}, ${host})`, async () => {
        const fields = { 'x-forwarded-for': '203.0.113.66', forwarded: 'for=203.0.113.66' };

        const body = await ask({ host, version, header: header(CLIENT, 4711), fields });
        const record = await scene.gateway.record();

        assert.match(body, /"x-forwarded-for","203\.0\.113\.9"/);
        assert.doesNotMatch(body, /203\.0\.113\.66/);
        assert.equal(record['client.address'], CLIENT);
        assert.equal(record['client.port'], 4711);
        assert.equal(record['network.peer.address'], BALANCER);
        assert.equal(record['tenant'], CLIENT);
      });
    }
  }

  test(`${name}: a passthrough connection is its client's, and the application sees none of it`, async () => {
    const tls = connectTls({
      socket: dial(header('2001:db8::9', 4711), BALANCER),
      servername: 'pass.example.test',
      ca: scene.behind.caPem,
      ALPNProtocols: ['imap'],
    });
    tls.end('hello');

    assert.equal(await textOf(tls), 'hello');
    const record = await scene.gateway.record();
    assert.equal(record['kind'], 'connection');
    assert.equal(record['client.address'], '2001:db8::9');
    assert.equal(record['network.peer.address'], BALANCER);
  });

  test(`${name}: on the http port, in one write with the request`, async () => {
    const port = scene.gateway.gateway.http!.port;
    const request = 'GET /x HTTP/1.1\r\nHost: app.example.test\r\nConnection: close\r\n\r\n';
    const socket = dial(Buffer.concat([header(CLIENT, 1), Buffer.from(request)]), BALANCER, port);

    assert.match(await textOf(socket), /^HTTP\/1\.1 308 /);
    assert.equal((await scene.gateway.record())['client.address'], CLIENT);
  });

  test(`${name}: octet by octet`, async () => {
    const whole = header(CLIENT, 1);
    const tcp = dial(Buffer.alloc(0), BALANCER);
    tcp.setNoDelay(true);
    for (const octet of whole) {
      tcp.write(Buffer.of(octet));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const socket = await secureTo(scene.gateway, { socket: tcp });
    socket.write('GET / HTTP/1.1\r\nHost: app.example.test\r\nConnection: close\r\n\r\n');

    assert.match(await textOf(socket), /"x-forwarded-for","203\.0\.113\.9"/);
  });

  test(`${name}: an unlisted peer's is never parsed`, async () => {
    const before = drops('not_tls');
    const socket = dial(header(CLIENT, 1), STRANGER);

    assert.equal(await textOf(socket), '');
    assert.equal(drops('not_tls'), before + 1);
    assert.match(await ask({ ...PLAIN, from: STRANGER }), /"x-forwarded-for","127\.0\.0\.77"/);
  });
}

const PLAIN: Asking = { host: 'other.example.test', version: '1.1', header: Buffer.alloc(0) };

function drops(reason: string): number {
  const text = scene.gateway.gateway.metrics.render();
  const match = new RegExp(
    `^fairlead_client_drops_total\\{reason="${reason}"\\} (\\d+)$`,
    'm',
  ).exec(text);
  return Number(match?.[1] ?? 0);
}

test('LOCAL keeps the peer, as the health check of a balancer', async () => {
  const header = version2(CLIENT, 1, { command: 0x20, family: 0 });

  assert.match(await ask({ ...PLAIN, header }), /"x-forwarded-for","127\.0\.0\.1"/);
});

for (const [what, octets, reason] of [
  ['without a header', Buffer.from([22, 3, 1, 0, 5]), 'proxy_header_missing'],
  ['a request', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'proxy_header_missing'],
  [
    'a header that is too long',
    version2(CLIENT, 1, { more: Buffer.alloc(600) }),
    'proxy_header_malformed',
  ],
  ['a family that is not TCP', version2(CLIENT, 1, { family: 0x12 }), 'proxy_header_malformed'],
  ['half a header, for too long', version1(CLIENT, 1).subarray(0, 20), 'proxy_header_timeout'],
] as const) {
  test(`a listed peer is closed without an answer: ${what}`, async () => {
    const before = drops(reason);

    assert.equal(await textOf(dial(octets, BALANCER)), '');
    assert.equal(drops(reason), before + 1);
  });
}

test('a header and then silence: the handshake has one deadline, from accept on', async () => {
  const began = performance.now();
  const socket = dial(version1(CLIENT, 1).subarray(0, 20), BALANCER);
  await new Promise((resolve) => setTimeout(resolve, 600));
  socket.write(version1(CLIENT, 1).subarray(20));

  assert.equal(await textOf(socket), '');
  assert.ok(performance.now() - began < 2_900, 'closed at the second tick at the latest');
});

function openConnections(): number {
  return metricValue(scene.gateway.gateway.metrics.render(), 'fairlead_client_connections');
}

test('the ceiling of connections counts the client of the balancer', async () => {
  const opened: Socket[] = [];
  const open = async (client: string) => {
    const tcp = dial(version2(client, 1), BALANCER);
    opened.push(tcp);
    return secureTo(scene.gateway, { socket: tcp });
  };
  const before = drops('address_ceiling');

  await open('203.0.113.20');
  await open('203.0.113.20');
  await open('203.0.113.21');
  const third = dial(version2('203.0.113.20', 1), BALANCER);
  // Whoever the header field names, the connection is this client's.
  assert.equal(await textOf(third), '');
  assert.equal(drops('address_ceiling'), before + 1);
  opened[0]!.destroy();
  const open20 = () => openConnections() < 3;
  await waitUntil('a place is free', open20);
  await open('203.0.113.20');
  for (const socket of opened) socket.destroy();
});

test('a trusted HTTP proxy behind the balancer is believed by the address of the header', async () => {
  const fields = { 'x-forwarded-for': '203.0.113.30' };
  const header = version2('198.51.100.7', 1);

  assert.match(await ask({ ...PLAIN, header, fields }), /"x-forwarded-for","203\.0\.113\.30"/);
  assert.equal((await scene.gateway.record())['network.peer.address'], BALANCER);
});

for (const [version, option] of [
  ['1', 'send-proxy'],
  ['2', 'send-proxy-v2'],
  ['2 with extensions', 'send-proxy-v2-ssl-cn'],
] as const) {
  test(`behind HAProxy in TCP mode, version ${version}`, { skip: NO_HAPROXY }, async () => {
    await using haproxy = await Haproxy.start({
      mode: 'tcp',
      server: { port: scene.gateway.port, options: option },
    });
    const from = '127.0.0.88';

    for (const http of ['1.1', '2'] as const) {
      const body = await ask({ ...PLAIN, version: http, from, port: haproxy.port });
      assert.match(body, /"x-forwarded-for","127\.0\.0\.88"/);
    }
    const tls = connectTls({
      socket: dial(Buffer.alloc(0), from, haproxy.port),
      servername: 'pass.example.test',
      ca: scene.behind.caPem,
      ALPNProtocols: ['imap'],
    });
    tls.end('hello');
    assert.equal(await textOf(tls), 'hello');
    const record = await scene.gateway.record(3);
    assert.equal(record['client.address'], from);
    assert.equal(record['network.peer.address'], BALANCER);
  });
}
