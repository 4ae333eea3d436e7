import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Application, echoRequest } from '../../support/applications/application.ts';
import { http2To, rawTo, secureTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway, type AccessLine } from '../../support/gateway/gateway.ts';
import { metricValue } from '../../support/tools/metric.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const POLICY = `
services:
  app: { address: "app:1" }
  nobody: { address: "nobody:1" }
routes:
  app:
    host: app.example.test
    service: app
    auth: public
    body: 10B
    paths: { /limited: { limits: { rate: 1/h } }, "/**": {} }
  nobody: { host: other.example.test, service: nobody, auth: public }
`;
const SECRETS = ['s3cret-token', 's3cret-cookie', 's3cret-query', 's3cret-body'];
const SECRET_FIELDS =
  'Authorization: Bearer s3cret-token\r\nProxy-Authorization: Basic s3cret-token\r\nCookie: id=s3cret-cookie\r\n';
const HOST = 'Host: app.example.test\r\n';

let application: Application;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  application = await Application.start((request, response) => {
    const path = request.url!.split('?')[0]!;
    if (path === '/hang') return;
    if (path === '/missing') response.statusCode = 404;
    if (path === '/half') response.write('half');
    else if (path === '/cut') response.write('half', () => response.destroy());
    else echoRequest(request, response);
  });
  router = await startRouter({ connectors: { 'app:1': application.address } });
  gateway = await TestGateway.start({
    links: [router.link],
    network: 'creditWait: 200ms',
    policy: POLICY,
  });
});

beforeEach(() => {
  gateway.records.length = 0;
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

interface WayOut {
  readonly name: string;
  /** Octets of the whole request, over TLS. */
  readonly octets: string;
  /** What the one line must say. */
  readonly line: AccessLine;
}

const STATUS = 'http.response.status_code';

const ANSWERED: readonly WayOut[] = [
  {
    name: 'an answer',
    octets: get('/ok'),
    line: { [STATUS]: 200, complete: true, route: 'app', service: 'app', upstream_status: 200 },
  },
  {
    name: "an application's own 404",
    octets: get('/missing'),
    line: { [STATUS]: 404, complete: true, upstream_status: 404, refusal: undefined },
  },
  {
    name: 'a host without a route',
    octets: get('/ok').replace('app.example', 'x.wild.example'),
    line: { [STATUS]: 421, refusal: 'misdirected_request', upstream_status: undefined },
  },
  {
    name: 'a declared length above the limit',
    octets: post('Content-Length: 11\r\n', 's3cret-body'),
    line: { [STATUS]: 413, refusal: 'body_too_large', upstream_status: undefined },
  },
  {
    name: 'an undeclared length above the limit',
    octets: post('Transfer-Encoding: chunked\r\n', 'b\r\ns3cret-body\r\n0\r\n\r\n'),
    line: { [STATUS]: 413, fault: 'client_body_too_large' },
  },
  {
    name: 'a request that the listener refuses',
    octets: get('/ok').replace(HOST, HOST + HOST),
    line: { [STATUS]: 400, refusal: 'invalid_host', route: undefined },
  },
  {
    name: 'a path with an escape',
    octets: get('/a%2fb'),
    line: { [STATUS]: 400, refusal: 'invalid_path' },
  },
];

for (const { name, octets, line } of ANSWERED) {
  test(`${name} leaves one line, and no secret in it`, async () => {
    using client = await rawTo(gateway);

    client.write(octets);
    await client.ended();

    assert.equal(client.statuses[0], line[STATUS]);
    await assertOneLine(line);
  });
}

test('a request above a rate limit leaves one line', async () => {
  await ask('/limited');

  const refused = await ask('/limited');

  assert.equal(refused, 429);
  await waitUntil('two lines', () => gateway.records.length === 2);
  assert.equal(gateway.records[1]!['refusal'], 'rate_limited');
});

test('a service without a consumer leaves one line', async () => {
  const status = await ask('/', 'other.example.test');

  assert.equal(status, 503);
  await assertOneLine({
    [STATUS]: 503,
    fault: 'service_unavailable',
    refusal: 'service_unavailable',
  });
});

test('a response that the application cuts leaves one line', async () => {
  const response = await gateway.request('/cut');

  await assert.rejects(response.body.text());
  await assertOneLine({ [STATUS]: 200, complete: false, fault: 'upstream_reset' });
});

for (const version of ['HTTP/1.1', 'HTTP/2']) {
  test(`a client of ${version} that goes in mid-request leaves one line`, async () => {
    await goneAt(version, '/hang', 'POST', () => gateway.gateway.metrics !== undefined);

    await assertOneLine({ [STATUS]: undefined, complete: false, fault: 'client_gone' });
    await nothingIsOpen();
  });

  test(`a client of ${version} that waits for an answer and goes leaves one line`, async () => {
    const before = application.requests;
    await goneAt(version, '/hang', 'GET', () => application.requests > before);

    await assertOneLine({ [STATUS]: undefined, complete: false, fault: 'client_gone' });
    await nothingIsOpen();
  });

  test(`a client of ${version} that goes in mid-response leaves one line`, async () => {
    await goneAt(version, '/half', 'GET', (received) => received > 0);

    await assertOneLine({ [STATUS]: 200, complete: false, fault: 'client_gone' });
    await nothingIsOpen();
  });
}

test('health, readiness, configuration and metrics are told on the admin listener only', async () => {
  const health = await admin('/healthz');
  const ready = await admin('/readyz');
  const config = await admin('/-/config');
  await ask('/ok');
  await waitUntil('a line', () => gateway.records.length === 1);
  const metrics = await admin('/metrics');

  assert.deepEqual([health.status, health.text], [200, 'alive\n']);
  assert.deepEqual(JSON.parse(ready.text), { ready: true, reasons: [] });
  const { running, refused } = JSON.parse(config.text) as Record<string, { generation: number }>;
  assert.equal(running!.generation, 1);
  assert.equal(refused ?? undefined, undefined);
  assert.match(
    metrics.text,
    /http_server_request_duration_seconds_count\{route="app",http_route="\/\*\*",http_request_method="GET",http_response_status_code="200"\} \d+/,
  );
  assert.equal(metricValue(metrics.text, 'fairlead_config_last_reload_ok'), 1);
  assert.equal(metricValue(metrics.text, 'fairlead_router_connections'), 2);
  assert.equal(await ask('/metrics').then(() => gateway.records.at(-1)!['service']), 'app');
});

function get(path: string): string {
  return `GET ${path}?q=s3cret-query HTTP/1.1\r\n${HOST}${SECRET_FIELDS}Connection: close\r\n\r\n`;
}

function post(fields: string, body: string): string {
  return `POST /ok?q=s3cret-query HTTP/1.1\r\n${HOST}${SECRET_FIELDS}${fields}Connection: close\r\n\r\n${body}`;
}

/** Begins a request, waits for its moment, and is gone. A POST promises more than it sends. */
async function goneAt(
  version: string,
  path: string,
  method: string,
  isMoment: (received: number) => boolean,
): Promise<void> {
  let received = 0;
  const count = (chunk: Buffer): void => void (received += chunk.length);
  const isOpen = () =>
    metricValue(gateway.gateway.metrics.render(), 'http_server_active_requests') === 1;
  if (version === 'HTTP/2') {
    const session = await http2To(gateway);
    const stream = session.request(
      { ':method': method, ':path': path, ':authority': 'app.example.test' },
      { endStream: method === 'GET' },
    );
    stream.on('error', () => {});
    stream.on('data', count);
    if (method === 'POST') stream.write('part');
    await waitUntil('the moment', () => isOpen() && isMoment(received));
    session.destroy();
    return;
  }
  const socket = await secureTo(gateway);
  socket.on('data', count);
  const length = method === 'POST' ? 'Content-Length: 9\r\n' : '';
  socket.write(`${method} ${path} HTTP/1.1\r\n${HOST}${length}\r\n${length === '' ? '' : 'part'}`);
  await waitUntil('the moment', () => isOpen() && isMoment(received));
  socket.destroy();
}

async function assertOneLine(expected: AccessLine): Promise<void> {
  const line = await gateway.record();
  for (const [name, value] of Object.entries(expected)) {
    assert.equal(line[name], value, `${name} in ${JSON.stringify(line)}`);
  }
  assert.match(String(line['id']), /^[0-9A-HJKMNP-TV-Z]{26}$/);
  const text = JSON.stringify(gateway.records);
  for (const secret of SECRETS) assert.ok(!text.includes(secret), text);
  await nothingIsOpen();
  assert.equal(gateway.records.length, 1);
}

function nothingIsOpen(): Promise<void> {
  const value = (name: string) => metricValue(gateway.gateway.metrics.render(), name);
  return waitUntil('no exchange, no upstream request', () => {
    return value('http_server_active_requests') + value('fairlead_upstream_requests') === 0;
  });
}

async function ask(path: string, host = 'app.example.test'): Promise<number> {
  const response = await gateway.request(path, { host });
  await response.body.dump();
  return response.statusCode;
}

async function admin(path: string) {
  const response = await fetch(`http://127.0.0.1:${gateway.gateway.adminPort}${path}`);
  return { status: response.status, text: await response.text() };
}
