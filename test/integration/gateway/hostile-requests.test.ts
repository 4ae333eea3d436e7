import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Application } from '../../support/applications/application.ts';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import type { TestGateway } from '../../support/gateway/gateway.ts';
import {
  echoOf,
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
const NEXT = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

/** Facts 3 and 4 and: name, status, octets. The listener's own suite has every variant. */
const REFUSED: readonly (readonly [name: string, status: number, octets: string])[] = [
  ['R-1: length and coding', 400, post(`Content-Length: 4\r\n${CHUNKED}`, '0\r\n\r\n')],
  ['R-1: two lengths', 400, post('Content-Length: 3\r\nContent-Length: 4\r\n', 'abcd')],
  ['R-1: a signed length', 400, post('Content-Length: +3\r\n', 'abc')],
  ['R-1: gzip, chunked', 501, post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n')],
  ['R-1: chunked with a vertical tab', 400, post('Transfer-Encoding: \x0bchunked\r\n', '')],
  ['R-1: a space before the colon', 400, post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n')],
  ['R-1: chunked over HTTP/1.0', 400, `POST / HTTP/1.0\r\n${HOST}${CHUNKED}\r\n0\r\n\r\n`],
  ['R-2: bare LF', 400, 'GET / HTTP/1.1\nHost: app.example.test\n\n'],
  ['R-4: a bare CR in a value', 400, get('A: b\rX-User: root\r\n')],
  ['R-4: NUL in a value', 400, get('A: b\0c\r\n')],
  [
    'R-5: an upgrade with a body',
    400,
    post('Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n', 'abc'),
  ],
  ['R-6: an unknown expectation', 417, post('Expect: 200-ok\r\nContent-Length: 3\r\n', '')],
  ['R-7: x_user', 400, get('X_User: root\r\n')],
  ['R-7: content_length', 400, post('Content_Length: 3\r\n', 'abc')],
  ['R-10: Host nominated away', 400, get('Connection: close, Host\r\n')],
  ['R-10: Authorization nominated away', 400, get('Connection: authorization\r\n')],
  ['R-13: two hosts', 400, get(HOST)],
  ['R-13: no host', 400, 'GET / HTTP/1.1\r\n\r\n'],
  [
    'R-13: another host than the server name',
    421,
    'GET / HTTP/1.1\r\nHost: other.example.test\r\n\r\n',
  ],
  [
    'fact 4: absolute-form of another authority',
    400,
    `GET https://other.example.test/ HTTP/1.1\r\n${HOST}\r\n`,
  ],
  ['fact 4: HTTP/2.0 in a request line', 505, `GET / HTTP/2.0\r\n${HOST}\r\n`],
  ['fact 4: no version', 505, 'GET /\r\n\r\n'],
  ['E5: a folded line', 400, get('A: b\r\n c\r\n')],
  ['E17: TRACE', 405, `TRACE / HTTP/1.1\r\n${HOST}\r\n`],
];

function get(fields: string): string {
  return `GET / HTTP/1.1\r\n${HOST}${fields}\r\n`;
}

function post(fields: string, body: string): string {
  return `POST / HTTP/1.1\r\n${HOST}${fields}\r\n${body}`;
}

for (const [name, status, octets] of REFUSED) {
  test(`${name}: ${status}, the connection closed, the application untouched, one record`, async () => {
    using client = await rawTo(gateway);

    client.write(octets + NEXT);
    await client.ended();

    assert.deepEqual(client.statuses, [status]);
    assert.deepEqual(reached(), { connections: 0, requests: 0 });
    const line = await gateway.record();
    assert.equal(line['http.response.status_code'], status);
    assert.equal(gateway.records.length, 1);
  });
}

/** these never match a route by another reading of their path. */
for (const path of ['/a/%2e%2e/b', '/a%2fb', '/a\\b', '/a/..;/b', '/a%00', '/%252e%252e/']) {
  test(`R-11: the path ${path} is refused or passed on in one reading`, async () => {
    using client = await rawTo(gateway);

    client.write(`GET ${path} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    await client.ended();

    if (client.statuses[0] === 200) {
      const { url } = echoOf(client.received);
      assert.equal(url, (await gateway.record())['url.path']);
      assert.ok(!/%2e|%2f|\\|;|\0/i.test(url), url);
    } else {
      assert.deepEqual([client.statuses, reached().requests], [[400], 0]);
    }
  });
}

test('R-2: broken chunks end the request and the connection, and nothing after them is read', async () => {
  using client = await rawTo(gateway);

  client.write(post(CHUNKED, '3\r\nabc\r\nzz\r\n') + NEXT);
  await client.ended();

  assert.deepEqual(client.statuses, [400]);
  assert.match(client.received, /"code":"client_body_malformed"/);
  assert.equal((await gateway.record())['fault'], 'client_body_malformed');
  assert.equal(gateway.records.length, 1);
});

test('F6, R-13: over HTTP/2 a host other than the authority never reaches the application', async () => {
  const session = await http2To(gateway);

  const stream = session.request({
    ':path': '/',
    ':authority': 'app.example.test',
    host: 'other.example.test',
  });
  const status = await statusOf(stream);
  session.destroy();

  assert.ok(status === undefined || status === 400 || status === 421, String(status));
  assert.deepEqual(reached(), { connections: 0, requests: 0 });
  assert.equal((await gateway.record())['http.response.status_code'], status);
});

function reached() {
  return { connections: application.connections, requests: application.requests };
}

/** Undefined: the stream was reset without an answer. */
function statusOf(stream: ReturnType<Awaited<ReturnType<typeof http2To>>['request']>) {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  stream.on('error', () => {});
  stream.on('response', (headers) => resolve(headers[':status']));
  stream.on('close', () => resolve(undefined));
  stream.resume();
  return promise;
}
