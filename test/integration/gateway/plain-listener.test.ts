import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import { Agent, request } from 'undici';
import type { Echo } from '../../support/applications/application.ts';
import { closedPort } from '../../support/applications/backend.ts';
import { Haproxy, NO_HAPROXY } from '../../support/balancers/haproxy.ts';
import { version2 } from '../../support/balancers/proxy-header.ts';
import { askPlainly } from '../../support/clients/plain-asking.ts';
import type { PlainAsking } from '../../support/clients/plain-asking.ts';
import { GatewayScene } from '../../support/gateway/gateway-scene.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import type { TestGatewayOptions } from '../../support/gateway/gateway.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';

/** The balancer is 127.0.0.1 to 127.0.0.15. */
const PLAIN = 'plain: { address: "127.0.0.1:0", from: [127.0.0.0/28] }';
const TRUSTED = 'publicPort: 443\ntrustedProxies: [127.0.0.0/28]';
const STRANGER = '127.0.0.77';
const CLIENT = '203.0.113.9';
const SECURE = ['x-forwarded-proto', 'https'] as const;

const scene = GatewayScene.forFile({
  routingKeys: ['far'],
  set: () => setOf({ listen: PLAIN, gateway: TRUSTED }),
});

function setOf(parts: Pick<TestGatewayOptions, 'listen' | 'gateway'>): TestGatewayOptions {
  const paths = '{ /www/**: { redirect: { host: www.example.test } } }';
  return {
    ...parts,
    links: [scene.router.link],
    policy: `
services:
  near: { via: tcp, host: 127.0.0.1, port: ${scene.application.address.port} }
routes:
  lane: { host: app.example.test, service: far, auth: public, paths: ${paths} }
  tcp: { host: other.example.test, service: near, auth: public, paths: ${paths} }
  pass: { host: pass.example.test, service: far, passthrough: true }
`,
  };
}

function plainPort(of = scene.gateway): number {
  return of.gateway.plain!.port;
}

function drops(reason: string, of = scene.gateway): number {
  const found = new RegExp(`drops_total\\{reason="${reason}"\\} (\\d+)`).exec(
    of.gateway.metrics.render(),
  );
  return Number(found?.[1] ?? 0);
}

/** What the application got in fields of this name. */
function received(body: string, name: string): readonly string[] {
  const { headers } = JSON.parse(body.slice(body.indexOf('{'), body.lastIndexOf('}') + 1)) as Echo;
  return headers.flatMap((each, index) =>
    index % 2 === 0 && each.toLowerCase() === name ? [headers[index + 1]!] : [],
  );
}

const UNSECURED: Readonly<Record<string, NonNullable<PlainAsking['fields']>>> = {
  http: [['x-forwarded-proto', 'http']],
  nothing: [],
  'a list': [['x-forwarded-proto', 'https, https']],
  'two lines': [SECURE, SECURE],
  'another scheme': [['x-forwarded-proto', 'httpss']],
  'an empty text': [['x-forwarded-proto', '']],
  'only Forwarded': [['forwarded', 'proto=https']],
};

for (const [way, host] of [
  ['a lane', 'app.example.test'],
  ['tcp', 'other.example.test'],
] as const) {
  for (const version of ['1.1', '2'] as const) {
    const ask = (fields: NonNullable<PlainAsking['fields']>, path?: string) =>
      askPlainly({ port: plainPort(), host, version, fields, ...(path && { path }) });
    const where = `${way}, HTTP/${version}`;

    for (const told of ['https', 'HTTPS', 'wss']) {
      test(`a client that came over ${told} is one over TLS (${where})`, async () => {
        const fields = [
          ['x-forwarded-proto', told],
          ['x-forwarded-for', CLIENT],
        ] as const;
        const { status, fields: answered, body } = await ask(fields, '/a?b');
        const record = await scene.gateway.record();

        assert.equal(status, 200);
        assert.equal(answered['strict-transport-security'], 'max-age=31536000');
        assert.deepEqual(received(body, 'x-forwarded-proto'), ['https']);
        assert.deepEqual(received(body, 'x-forwarded-port'), ['443']);
        assert.deepEqual(received(body, 'forwarded'), [`for=${CLIENT};host=${host};proto=https`]);
        assert.equal(record['client.address'], CLIENT);
        assert.equal(record['network.protocol.version'], version);
        assert.equal(record['tls.protocol.version'], undefined);
      });
    }

    for (const [what, fields] of Object.entries(UNSECURED)) {
      test(`a client of whom the balancer says ${what} is redirected to https (${where})`, async () => {
        const { status, fields: answered } = await ask(fields, '/a?b');
        const record = await scene.gateway.record();

        assert.equal(status, 308);
        assert.equal(answered['location'], `https://${host}/a?b`);
        assert.equal(answered['strict-transport-security'], undefined);
        assert.equal(record['refusal'], 'https_required');
        assert.equal(record['service'], undefined);
      });
    }

    test(`redirects of the policy have the scheme of the client (${where})`, async () => {
      const { status, fields } = await ask([SECURE], '/www/a');

      assert.equal(status, 308);
      assert.equal(fields['location'], 'https://www.example.test/www/a');
    });
  }
}

for (const version of ['1.1', '2'] as const) {
  const ask = (asking: Partial<PlainAsking>, to = scene.gateway) =>
    askPlainly({ port: plainPort(to), host: 'other.example.test', version, ...asking });

  test(`hosts that only pass TLS on are none here (HTTP/${version})`, async () => {
    const { status } = await ask({ host: 'pass.example.test', fields: [SECURE] });

    assert.equal(status, 404);
  });

  test(`a peer that is no balancer is closed at accept (HTTP/${version})`, async () => {
    const before = drops('untrusted_peer');

    assert.ok(Number.isNaN((await ask({ from: STRANGER, fields: [SECURE] })).status));
    assert.equal(drops('untrusted_peer'), before + 1);
    assert.equal(scene.gateway.records.length, 0);
  });

  test(`the list of balancers follows a reload (HTTP/${version})`, async () => {
    await using own = await TestGateway.start(setOf({ listen: PLAIN, gateway: TRUSTED }));
    const text = await readFile(`${own.directory}/gateway.yaml`, 'utf8');
    const changed = text.replace('from: [127.0.0.0/28] }', `from: [${STRANGER}] }`);

    await own.reload({ 'gateway.yaml': changed });

    assert.ok(Number.isNaN((await ask({ fields: [SECURE] }, own)).status));
    assert.equal((await ask({ fields: [SECURE], from: STRANGER }, own)).status, 200);
  });

  test(`with the PROXY protocol the client is whom the header names (HTTP/${version})`, async () => {
    await using own = await TestGateway.start(
      setOf({
        listen: `${PLAIN}, proxyProtocol: { from: [127.0.0.1] }`,
        gateway: 'publicPort: 443\nlimits: { perClientAddress: { connections: 1 } }',
      }),
    );
    const idle = connect({ host: '127.0.0.1', port: plainPort(own) });
    idle.on('error', () => {});
    idle.write(version2('203.0.113.8', 1));

    const { status, body } = await ask({ before: version2(CLIENT, 4711), fields: [SECURE] }, own);
    const record = await own.record();
    const over = await ask({ before: version2('203.0.113.8', 2), fields: [SECURE] }, own);
    idle.destroy();

    assert.equal(status, 200);
    assert.deepEqual(received(body, 'x-forwarded-for'), [CLIENT]);
    assert.equal(record['client.address'], CLIENT);
    assert.equal(record['network.peer.address'], '127.0.0.1');
    assert.ok(Number.isNaN(over.status));
    assert.equal(drops('address_ceiling', own), 1);
    assert.ok(Number.isNaN((await ask({ fields: [SECURE] }, own)).status));
    assert.equal(drops('proxy_header_missing', own), 1);
  });
}

test('an Upgrade to h2c is ignored, and nothing of it is forwarded', async () => {
  const socket = connect({ host: '127.0.0.1', port: plainPort() });
  socket.write(
    'GET / HTTP/1.1\r\nHost: other.example.test\r\nX-Forwarded-Proto: https\r\nUpgrade: h2c\r\n' +
      'HTTP2-Settings: AAMAAABkAAQAAP__\r\nConnection: close, Upgrade, HTTP2-Settings\r\n\r\n',
  );
  const answer = await textOf(socket);

  assert.match(answer, /^HTTP\/1\.1 200 /);
  const body = answer.slice(answer.indexOf('\r\n\r\n'));
  assert.deepEqual(received(body, 'upgrade'), []);
  assert.deepEqual(received(body, 'http2-settings'), []);
});

for (const { version, proxy } of [
  { version: '1.1', proxy: '' },
  { version: '2', proxy: '' },
  { version: '2', proxy: 'send-proxy-v2' },
] as const) {
  const what = `HTTP/${version}${proxy && ` and ${proxy}`}`;
  test(`behind HAProxy that ends TLS, over ${what}`, { skip: NO_HAPROXY }, async () => {
    const listen = proxy === '' ? PLAIN : `${PLAIN}, proxyProtocol: { from: [127.0.0.1] }`;
    await using own = await TestGateway.start(setOf({ listen, gateway: TRUSTED }));
    const ca = await makeCa('balancer');
    const { certPem, keyPem } = await issue(ca, { names: ['other.example.test'] });
    const open = await closedPort();
    await using haproxy = await Haproxy.start({
      mode: 'http',
      bind: 'ssl crt {folder}/tls.pem alpn h2,http/1.1',
      files: { 'tls.pem': `${certPem}\n${keyPem}\n` },
      lines: [
        `bind 127.0.0.1:${open}`,
        'option forwardfor',
        'http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]',
      ],
      server: {
        port: plainPort(own),
        options: `${proxy} ${version === '2' ? 'proto h2' : ''}`,
      },
    });
    const from = '127.0.0.88';
    const connect = { ca: ca.certPem, servername: 'other.example.test' };
    const dispatcher = new Agent({ connect, localAddress: from, allowH2: true });
    const headers = {
      host: 'other.example.test',
      'x-forwarded-for': CLIENT,
      'x-forwarded-proto': 'https',
    };

    const secure = await request(`https://127.0.0.1:${haproxy.port}/a`, { dispatcher, headers });
    const body = await secure.body.text();
    const insecure = await request(`http://127.0.0.1:${open}/a`, { dispatcher, headers });
    await insecure.body.dump();
    await dispatcher.close();
    const record = await own.record();

    assert.equal(secure.statusCode, 200);
    assert.equal(secure.headers['strict-transport-security'], 'max-age=31536000');
    assert.deepEqual(received(body, 'x-forwarded-for'), [from]);
    assert.deepEqual(received(body, 'x-forwarded-proto'), ['https']);
    assert.equal(record['network.peer.address'], '127.0.0.1');
    assert.equal(record['network.protocol.version'], version);
    assert.equal(insecure.statusCode, 308);
    assert.equal(insecure.headers['location'], 'https://other.example.test/a');
  });
}
