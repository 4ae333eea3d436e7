import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { fieldNames } from '../../../src/core/fields/fields.ts';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import {
  echo,
  extendedConnect,
  startWebSocketApplication,
} from '../../support/applications/websocket.ts';

// Whatever the way to the application and the version of the client, nobody but the gateway writes a field that
// tells who the caller is, in either form of its name or under a look-alike, nor one that overrides the request.

const OVERRIDING_FIELDS = fieldNames('override');

let http1: Awaited<ReturnType<typeof startWebSocketApplication>>;
let http2: Http2Server;
let router: RunningRouter;
let gateway: TestGateway;
/** Names and values of every field and trailer that reached an application. */
let seen: string[] = [];

before(async () => {
  http1 = await startWebSocketApplication(echo, (request, response) => {
    request.resume().on('end', () => {
      seen.push(...request.rawHeaders, ...request.rawTrailers);
      response.end('ok');
    });
  });
  http2 = createServer();
  http2.on('stream', (stream: ServerHttp2Stream, _fields, _flags, head: string[]) => {
    stream.on('error', () => {});
    stream.on('trailers', (_trailers, _more, raw: string[]) => seen.push(...raw));
    seen.push(...head);
    stream.resume();
    stream.on('end', () => !stream.destroyed && stream.respond({}, { endStream: true }));
  });
  await new Promise<void>((resolve) => http2.listen(0, '127.0.0.1', resolve));
  router = await startRouter({ connectors: { 'app:1': http1.address } });
  gateway = await TestGateway.start({
    links: [router.link],
    files: { 'keys.json': '{"keys":[]}' },
    policy: `
services:
  lane: { address: "app:1" }
  tcp: { via: tcp, host: 127.0.0.1, port: ${http1.address.port} }
  h2: { via: tcp, host: 127.0.0.1, port: ${(http2.address() as AddressInfo).port}, protocol: h2 }
providers:
  local: { plugin: jwt, issuer: "https://issuer.example.test", audience: a, jwks: { file: keys.json } }
routes:
  lane: { host: app.example.test, service: lane, auth: public }
  tcp: { host: other.example.test, service: tcp, auth: public }
  h2: { host: a.wild.example.test, service: h2, auth: public }
  kept:
    host: b.wild.example.test
    service: tcp
    auth: public
    forwardHeaders: [X-Original-URL]
  all:
    host: c.wild.example.test
    service: lane
    auth: public
    forwardHeaders: [${OVERRIDING_FIELDS.join(', ')}]
  closed:
    host: localhost
    service: lane
    auth: local
    headers: { identity: { x-user: identity.subject, x.org: identity.claims.org } }
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await http1?.[Symbol.asyncDispose]();
  http2?.close();
});

beforeEach(() => {
  seen = [];
  http1.headers.length = 0;
});

const NAMES = [
  'X-User',
  'x-user',
  'x-user*',
  'X-USER*',
  'x-user*0*',
  'x_user',
  'X_User*',
  'x.user',
  'x-org',
  'x-org*',
  'x.org',
  'X.Org*',
  'x_org*',
  'X-Forwarded-For*',
  'Client-Cert*',
  'fairlead.subject',
  'X_Original_URL',
  ...OVERRIDING_FIELDS,
  'Proxy*',
  // Host names the route: another one is another request, or none (test/integration/listener).
  ...fieldNames('vouched')
    .filter((name) => name !== 'Host')
    .map((name) => name.replace('*', 'Other')),
] as const;

const WAYS = {
  lanes: 'app.example.test',
  tcp: 'other.example.test',
  'tcp and HTTP/2': 'a.wild.example.test',
} as const;
type Place = 'fields' | 'trailers';

/** Sends a body with the field before or behind it; resolves with the answer. */
const CLIENTS = {
  async 'HTTP/1.1'(host: string, name: string, place: Place) {
    using client = await rawTo(gateway, { servername: host });
    const line = `${name}: evil\r\n`;
    const [field, trailer] = place === 'fields' ? [line, ''] : ['', line];
    client.write(
      `POST / HTTP/1.1\r\nHost: ${host}\r\nX-Plain: kept\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n${field}\r\n`,
    );
    client.write(`2\r\nhi\r\n0\r\n${trailer}\r\n`);
    await client.ended();
    return client.statuses.at(-1);
  },
  async 'HTTP/2'(host: string, name: string, place: Place) {
    const session = await http2To(gateway, host);
    const fields = place === 'fields' ? { [name.toLowerCase()]: 'evil' } : {};
    const stream = session.request(
      { ':method': 'POST', ':path': '/', 'x-plain': 'kept', ...fields },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () =>
      stream.sendTrailers(place === 'trailers' ? { [name.toLowerCase()]: 'evil' } : {}),
    );
    stream.end('hi');
    stream.resume();
    const [fieldsOf] = (await once(stream, 'response')) as [{ ':status': number }];
    await once(stream, 'close');
    session.destroy();
    return fieldsOf[':status'];
  },
} as const;

for (const [way, host] of Object.entries(WAYS)) {
  for (const [version, send] of Object.entries(CLIENTS)) {
    for (const place of ['fields', 'trailers'] as const) {
      test(`no guarded name of a client in ${place} over ${version} reaches an application over ${way}`, async () => {
        for (const name of NAMES) {
          seen = [];

          const status = await send(host, name, place);

          assert.ok(status === 200 || status === 400, `${name}: ${status}`);
          assert.ok(!seen.includes('evil'), `${name}: ${seen.join(' ')}`);
          if (status === 200) assert.ok(seen.includes('kept'), `${name} came to the application`);
        }
        // HTTP/1.1 applications get no trailers at all.
        await send(host, 'X-Other', place);
        assert.equal(seen.includes('evil'), place === 'fields' || way === 'tcp and HTTP/2');
      });
    }
  }
}

for (const host of [WAYS.lanes, WAYS.tcp]) {
  test(`no guarded name of a client comes with a WebSocket to ${host}`, async () => {
    for (const name of NAMES) {
      using client = await rawTo(gateway, { servername: host });
      const own = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n`;
      client.write(
        `GET /ws HTTP/1.1\r\nHost: ${host}\r\n${own}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${name}: evil\r\n\r\n`,
      );
      await client.got(/^HTTP\/1\.1 (?:101|400) /);
    }
    const session = await http2To(gateway, host);
    if (!session.remoteSettings.enableConnectProtocol) await once(session, 'remoteSettings');
    for (const name of NAMES) {
      const headers = { ':authority': host, [name.toLowerCase()]: 'evil' };
      const stream = extendedConnect(session, '/ws', { headers });
      const [{ ':status': status }] = (await once(stream, 'response')) as [{ ':status': number }];
      stream.on('error', () => {}).close();
      assert.ok(status === 200 || status === 400, `${name}: ${status}`);
    }
    session.destroy();

    assert.ok(http1.headers.length >= NAMES.length);
    for (const headers of http1.headers) assert.ok(!headers.includes('evil'), headers.join(' '));
  });
}

test('a route keeps the field it names, of fields alone, and no look-alike or other one', async () => {
  const host = 'b.wild.example.test';
  for (const send of Object.values(CLIENTS)) {
    for (const name of ['x-original-url', 'X_Original_URL', 'X-Original-URL*', 'X-Rewrite-URL']) {
      seen = [];

      assert.equal(await send(host, name, 'fields'), 200);

      assert.equal(seen.includes('evil'), name === 'x-original-url', name);
    }
  }
});

test('a route can keep each of the fields that are removed by default', async () => {
  for (const send of Object.values(CLIENTS)) {
    for (const name of OVERRIDING_FIELDS) {
      seen = [];

      assert.equal(await send('c.wild.example.test', name, 'fields'), 200);

      assert.ok(seen.includes('evil'), name);
    }
  }
});
