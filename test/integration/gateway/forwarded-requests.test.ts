import assert from 'node:assert/strict';
import { text as textOf } from 'node:stream/consumers';
import { after, before, beforeEach, test } from 'node:test';
import type { Application, Echo } from '../../support/applications/application.ts';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import type { TestGateway } from '../../support/gateway/gateway.ts';
import {
  echoOf,
  fieldsOf,
  startGuardedGateway,
  type GuardedGateway,
} from '../../support/gateway/guarded-gateway.ts';

let running: GuardedGateway;
let gateway: TestGateway;
let application: Application;

before(async () => {
  running = await startGuardedGateway();
  ({ gateway, application } = running);
});

beforeEach(() => running.reset());
after(() => running?.[Symbol.asyncDispose]());

const HOST = 'Host: app.example.test\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
/** Octets that would be requests if they were not framed. */
const BODY = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`.repeat(2);

for (const method of ['GET', 'DELETE', 'OPTIONS']) {
  test(`R-3: a chunked body on ${method} arrives framed, and nothing in it is a request`, async () => {
    using client = await rawTo(gateway);
    const chunk = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

    client.write(`${method} /x HTTP/1.1\r\n${HOST}${CHUNKED}Connection: close\r\n\r\n${chunk}`);
    await client.ended();

    assert.deepEqual(client.statuses, [200]);
    assertFramed(echoOf(client.received), method, BODY);
  });

  test(`R-3: DATA on ${method} arrives framed, and nothing in it is a request`, async () => {
    const session = await http2To(gateway);

    const stream = session.request(
      { ':method': method, ':path': '/x', ':authority': 'app.example.test' },
      { endStream: false },
    );
    stream.end(BODY);
    const echo = JSON.parse(await textOf(stream)) as Echo;
    session.destroy();

    assertFramed(echo, method, BODY);
  });
}

test('R-8 to R-10: what only the gateway may say is deleted before it says it', async () => {
  const forged = [
    ['X-User', 'root'],
    ['X-Org', ''],
    ['X-Forwarded-For', '10.0.0.1'],
    ['X-Forwarded-Host', 'evil.example'],
    ['X-Forwarded-Proto', 'http'],
    ['X-Forwarded-Prefix', '/admin'],
    ['Forwarded', 'for=10.0.0.1'],
    ['X-Real-IP', '10.0.0.1'],
    ['Client-Cert', ':AAAA:'],
    ['Client-Cert-Chain', ':AAAA:'],
    ['Fairlead-Decision', 'allow'],
    ['Proxy-Authorization', 'Basic AAAA'],
    ['TE', 'trailers'],
    ['Keep-Alive', 'timeout=5'],
    ['X-Hop', 'mine'],
    ['Connection', 'close, X-Hop, X-Forwarded-Proto'],
    ['X-Plain', 'kept'],
  ];
  const lines = forged.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  using client = await rawTo(gateway);

  client.write(`GET / HTTP/1.1\r\n${HOST}${lines}\r\n`);
  await client.ended();

  const fields = fieldsOf(echoOf(client.received));
  assert.deepEqual(fields.get('x-forwarded-for'), ['127.0.0.1']);
  assert.deepEqual(fields.get('x-forwarded-proto'), ['https']);
  assert.deepEqual(fields.get('x-forwarded-host'), ['app.example.test']);
  assert.deepEqual(fields.get('x-forwarded-port'), [String(gateway.port)]);
  assert.deepEqual(fields.get('forwarded'), ['for=127.0.0.1;host=app.example.test;proto=https']);
  assert.deepEqual(fields.get('via'), ['1.1 fairlead']);
  assert.deepEqual(fields.get('host'), ['app.example.test']);
  assert.deepEqual(fields.get('x-plain'), ['kept']);
  const gone = ['x-user', 'x-org', 'x-forwarded-prefix', 'x-real-ip', 'client-cert'];
  const gone2 = ['client-cert-chain', 'fairlead-decision', 'proxy-authorization', 'te', 'x-hop'];
  for (const name of [...gone, ...gone2]) assert.equal(fields.get(name), undefined, name);
});

test('F4, E14: over HTTP/2 cookie crumbs are joined and the version is in Via', async () => {
  const session = await http2To(gateway);

  const stream = session.request([
    ':method',
    'GET',
    ':scheme',
    'https',
    ':authority',
    'app.example.test',
    ':path',
    '/',
    'cookie',
    'a=1',
    'cookie',
    'b=2',
  ]);
  const fields = fieldsOf(JSON.parse(await textOf(stream)) as Echo);
  session.destroy();

  assert.deepEqual(fields.get('cookie'), ['a=1; b=2']);
  assert.deepEqual(fields.get('via'), ['2.0 fairlead']);
});

function assertFramed(echo: Echo, method: string, body: string): void {
  assert.equal(echo.method, method);
  assert.equal(echo.body, body);
  assert.deepEqual(fieldsOf(echo).get('transfer-encoding'), ['chunked']);
  assert.equal(application.requests, 1);
}
