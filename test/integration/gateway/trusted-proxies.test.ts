import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { Agent, request } from 'undici';
import type { Echo } from '../../support/applications/application.ts';
import { Haproxy, NO_HAPROXY } from '../../support/balancers/haproxy.ts';
import { secureTo } from '../../support/clients/gateway-clients.ts';
import { GatewayScene } from '../../support/gateway/gateway-scene.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';

/** The proxy is 127.0.0.1 to 127.0.0.15; a client that connects from 127.0.0.77 is none. */
const TRUSTED = 'trustedProxies: [127.0.0.0/28]';
const CLIENT = '203.0.113.9';
const OTHER = '203.0.113.10';

const POLICY = (port: number) => `
tiers: { default: { rate: 3/m } }
services:
  near: { via: tcp, host: 127.0.0.1, port: ${port} }
routes:
  lane: { host: app.example.test, service: far, auth: public }
  tcp: { host: other.example.test, service: near, auth: public }
`;

const scene = GatewayScene.forFile({
  routingKeys: ['far'],
  set: (port) => ({
    gateway: `${TRUSTED}\nlimits: { perClientAddress: { rate: 1000/s } }`,
    policy: POLICY(port),
  }),
});

interface Asking {
  readonly host: string;
  readonly version: '1.1' | '2';
  readonly from: string;
  readonly fields: Readonly<Record<string, string | string[]>>;
  readonly to?: TestGateway;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function ask({ host, version, from, fields, to = scene.gateway }: Asking): Promise<Answer> {
  const ALPNProtocols = [version === '2' ? 'h2' : 'http/1.1'];
  const tcp = connect({ host: '127.0.0.1', port: to.port, localAddress: from });
  const socket = await secureTo(to, { servername: host, ALPNProtocols, socket: tcp });
  if (version === '2') {
    const session = connectHttp2(`https://${host}`, { createConnection: () => socket });
    const stream = session.request({ ':path': '/', ':authority': host, ...fields });
    const status = await new Promise<number>((resolve, reject) => {
      stream.once('response', (head) => resolve(head[':status']!));
      stream.once('error', reject);
    });
    const body = await textOf(stream);
    session.destroy();
    return { status, body };
  }
  const lines = Object.entries(fields).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}\r\n`),
  );
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${lines.join('')}\r\n`);
  const answer = await textOf(socket);
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body: rest.join('\r\n\r\n') };
}

function received(body: string, name: string): readonly string[] {
  const { headers } = JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)) as Echo;
  return headers.flatMap((each, index) =>
    index % 2 === 0 && each.toLowerCase() === name ? [headers[index + 1]!] : [],
  );
}

let count = 0;
/** An address that no test has used, so that its limits are whole. */
function somebody(): string {
  count += 1;
  return `198.51.100.${count}`;
}

/** An address of the loopback that is no proxy. */
function stranger(): string {
  count += 1;
  return `127.0.1.${count}`;
}

for (const host of ['app.example.test', 'other.example.test'] as const) {
  for (const version of ['1.1', '2'] as const) {
    const way = `${host === 'app.example.test' ? 'a lane' : 'tcp'}, HTTP/${version}`;

    test(`the client that a trusted proxy names is the client everywhere (${way})`, async () => {
      const client = somebody();
      const fields = { 'x-forwarded-for': [`${OTHER}, ${client}`, '127.0.0.2'] };

      const { status, body } = await ask({ host, version, from: '127.0.0.1', fields });
      const record = await scene.gateway.record();

      assert.equal(status, 200);
      assert.deepEqual(received(body, 'x-forwarded-for'), [client]);
      assert.deepEqual(received(body, 'forwarded'), [`for=${client};host=${host};proto=https`]);
      assert.equal(record['client.address'], client);
      assert.equal(record['client.port'], undefined);
      assert.equal(record['network.peer.address'], '127.0.0.1');
      assert.equal(record['tenant'], client);
    });

    test(`what an untrusted client says of itself changes nothing (${way})`, async () => {
      const from = stranger();
      const fields = {
        'x-forwarded-for': CLIENT,
        'x-forwarded-proto': 'http',
        'x-real-ip': CLIENT,
        forwarded: `for=${CLIENT}`,
      };

      const { status, body } = await ask({ host, version, from, fields });
      const record = await scene.gateway.record();

      assert.equal(status, 200);
      assert.doesNotMatch(body, new RegExp(CLIENT));
      assert.deepEqual(received(body, 'x-forwarded-for'), [from]);
      assert.deepEqual(received(body, 'x-forwarded-proto'), ['https']);
      assert.equal(record['client.address'], from);
      assert.equal(typeof record['client.port'], 'number');
      assert.equal(record['network.peer.address'], undefined);
    });

    test(`limits of a tenant by address count the client behind the proxy (${way})`, async () => {
      const [one, another] = [somebody(), somebody()];
      const from = '127.0.0.1';
      const statusFor = async (client: string) =>
        (await ask({ host, version, from, fields: { 'x-forwarded-for': client } })).status;

      const statuses = [];
      for (let i = 0; i < 4; i += 1) statuses.push(await statusFor(one));
      statuses.push(await statusFor(another));

      assert.deepEqual(statuses, [200, 200, 200, 429, 200]);
    });
  }
}

test('the rate of an address counts the client behind the proxy, and the refusal names it', async () => {
  await using limited = await TestGateway.start({
    gateway: `${TRUSTED}\nlimits: { perClientAddress: { rate: 1/h } }`,
    policy: POLICY(scene.application.address.port).replace('tiers: { default: { rate: 3/m } }', ''),
  });
  const statusFor = async (fields: Asking['fields'], from = '127.0.0.1') =>
    (await ask({ host: 'other.example.test', version: '1.1', from, fields, to: limited })).status;

  assert.equal(await statusFor({ 'x-forwarded-for': CLIENT }), 200);
  assert.equal(await statusFor({ 'x-forwarded-for': `${OTHER}, ${CLIENT}` }), 429);
  assert.equal(await statusFor({ 'x-forwarded-for': OTHER }), 200);
  // A client beside the proxy cannot spend what is another's, and has one rate whatever it says.
  assert.equal(await statusFor({ 'x-forwarded-for': '203.0.113.99' }, '127.0.0.77'), 200);
  assert.equal(await statusFor({ 'x-forwarded-for': '203.0.113.98' }, '127.0.0.77'), 429);
  assert.equal(await statusFor({ 'x-forwarded-for': '203.0.113.99' }), 200);
  assert.equal((await limited.record(2))['client.address'], CLIENT);
});

test('a request that is malformed is recorded for the client behind the proxy', async () => {
  const fields = { 'x-forwarded-for': CLIENT, X_User: 'x', X_Forwarded_For: OTHER };

  const { status } = await ask({
    host: 'app.example.test',
    version: '1.1',
    from: '127.0.0.1',
    fields,
  });

  assert.equal(status, 400);
  assert.equal((await scene.gateway.record())['client.address'], CLIENT);
});

test('the field is Forwarded where the policy says so, from the next request on', async () => {
  const fields = { 'x-forwarded-for': OTHER, forwarded: `for="[2001:db8::7]:443"` };
  const asking = { host: 'other.example.test', version: '1.1', from: '127.0.0.1', fields } as const;
  await using own = await TestGateway.start({
    gateway: 'trustedProxies: { from: [127.0.0.0/28], field: forwarded }',
    policy: POLICY(scene.application.address.port),
  });

  const { body } = await ask({ ...asking, to: own });

  assert.deepEqual(received(body, 'x-forwarded-for'), ['2001:db8::7']);
  assert.equal((await own.record())['client.address'], '2001:db8::7');
});

for (const version of ['1.1', '2'] as const) {
  test(
    `behind HAProxy the client is the one that HAProxy has, over HTTP/${version}`,
    {
      skip: NO_HAPROXY,
    },
    async () => {
      const alpn = version === '2' ? 'h2' : 'http/1.1';
      await using haproxy = await Haproxy.start({
        mode: 'http',
        lines: ['option forwardfor'],
        server: {
          port: scene.gateway.port,
          options: `ssl verify none sni str(other.example.test) alpn ${alpn}`,
        },
      });
      const from = stranger();
      const dispatcher = new Agent({ localAddress: from });

      const answer = await request(`http://127.0.0.1:${haproxy.port}/`, {
        dispatcher,
        headers: { host: 'other.example.test', 'x-forwarded-for': CLIENT },
      });
      const body = await answer.body.text();
      await dispatcher.close();
      const record = await scene.gateway.record();

      assert.equal(answer.statusCode, 200);
      assert.deepEqual(received(body, 'x-forwarded-for'), [from]);
      assert.equal(record['client.address'], from);
      assert.equal(record['network.peer.address'], '127.0.0.1');
      assert.equal(record['network.protocol.version'], version);
    },
  );
}
