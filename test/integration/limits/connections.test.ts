import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import type { ClientHttp2Session } from 'node:http2';
import { Agent, request } from 'node:https';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { NO_REDIS, TestRedis } from '../../support/sessions/redis.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const HOST = 'app.example.test';

/** A gateway whose tenants, here the address of the tests, may have two connections. */
async function startGateway(port: number, gateway = ''): Promise<TestGateway> {
  return TestGateway.start({
    gateway,
    policy: `
tiers: { default: { connections: 2 } }
services: { web: { via: tcp, host: 127.0.0.1, port: ${port} } }
routes: { web: { host: ${HOST}, service: web, auth: public } }`,
  });
}

interface Answer {
  readonly status: number;
  readonly code: unknown;
  /** The connection goes on. */
  readonly isKept: boolean;
}

/** One connection of a client. */
interface Connection {
  ask(): Promise<Answer>;
  close(): void;
}

const VERSIONS: readonly (readonly [string, (gateway: TestGateway) => Connection])[] = [
  ['HTTP/1.1', overHttp1],
  ['HTTP/2', overHttp2],
];

for (const [version, open] of VERSIONS) {
  test(`a tenant has two connections of ${version}, and the third when one is closed`, async () => {
    await using application = await Application.start((_, response) => response.end('ok'));
    await using gateway = await startGateway(application.address.port);
    const [one, two, three] = [open(gateway), open(gateway), open(gateway)];

    const first = [await one.ask(), await one.ask(), await two.ask(), await one.ask()];
    const refused = await three.ask();

    assert.deepEqual(
      first.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    assert.equal(refused.status, 429);
    assert.equal(refused.code, 'too_many_connections');
    assert.equal(refused.isKept, version === 'HTTP/2');
    const record = await gateway.record(5);
    assert.equal(record['refusal'], 'too_many_connections');
    assert.equal(record['reason_detail'], 'tiers.default.connections');
    one.close();
    await waitUntil('the third is in', async () => (await three.ask()).status === 200);
    two.close();
    three.close();
  });
}

test(
  'gateways with one store count the connections of a tenant together',
  { skip: NO_REDIS },
  async () => {
    await using redis = await TestRedis.start();
    await using application = await Application.start((_, response) => response.end('ok'));
    const store = `store: { redis: "${redis.url}", replicas: 2 }`;
    await using left = await startGateway(application.address.port, store);
    await using right = await startGateway(application.address.port, store);
    const [one, two, three] = [overHttp2(left), overHttp2(right), overHttp2(right)];

    const statuses = [await one.ask(), await two.ask(), await three.ask()].map(
      ({ status }) => status,
    );

    assert.deepEqual(statuses, [200, 200, 429]);
    one.close();
    await waitUntil('the third is in', async () => (await three.ask()).status === 200);
    two.close();
    three.close();
  },
);

/** One socket at most; a new one when the gateway has closed it. */
function overHttp1({ port, caPem }: TestGateway): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: caPem, servername: HOST });
  const ask = async (): Promise<Answer> => {
    const headers = { host: HOST, accept: 'application/json' };
    const sent = request({ host: '127.0.0.1', port, agent, headers });
    sent.end();
    const [response] = await once(sent, 'response');
    const code = codeIn(await textOf(response));
    return { status: response.statusCode, code, isKept: response.headers.connection !== 'close' };
  };
  return { ask, close: () => agent.destroy() };
}

function overHttp2({ port, caPem }: TestGateway): Connection {
  const session = connect(`https://127.0.0.1:${port}`, { ca: caPem, servername: HOST });
  return { ask: () => askOver(session), close: () => session.destroy() };
}

async function askOver(session: ClientHttp2Session): Promise<Answer> {
  const stream = session.request({ ':authority': HOST, accept: 'application/json' });
  const [headers] = await once(stream, 'response');
  const code = codeIn(await textOf(stream));
  return { status: headers[':status'], code, isKept: !session.closed };
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.toString();
  return text;
}

function codeIn(body: string): unknown {
  return body.startsWith('{') ? (JSON.parse(body) as { code?: unknown }).code : undefined;
}
