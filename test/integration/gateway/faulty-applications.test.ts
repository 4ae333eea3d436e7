import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Backend } from '../../support/applications/backend.ts';
import { rawTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';

let answer = '';
let backend: Backend;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  backend = await Backend.start((socket) => {
    socket.once('data', () => socket.end(Buffer.from(answer, 'latin1')));
  });
  router = await startRouter({ connectors: { 'app:1': backend.address } });
  gateway = await TestGateway.start({
    links: [router.link],
    policy: `
services: { app: { address: "app:1" } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
});

beforeEach(() => {
  gateway.records.length = 0;
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await backend?.[Symbol.asyncDispose]();
});

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKS = '2\r\nok\r\n0\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

/** Answers that two readers could read differently, or that cannot be carried on exactly. */
const REFUSED: readonly (readonly [name: string, answer: string])[] = [
  ['two lengths', `${OK}Content-Length: 2\r\nContent-Length: 5\r\n\r\nokabc`],
  ['a list of lengths', `${OK}Content-Length: 2, 2\r\n\r\nok`],
  ['a length beyond what a number holds', `${OK}Content-Length: 1152921504606846976\r\n\r\nok`],
  ['length and coding', `${OK}Content-Length: 2\r\n${CHUNKED}\r\n${CHUNKS}`],
  ['a coding that stays unnamed', `${OK}Transfer-Encoding: gzip\r\n\r\nok`],
  ['two codings', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n${CHUNKS}`],
  ['a bare LF between fields', `${OK}A: b\nSet-Cookie: c=d\r\nContent-Length: 2\r\n\r\nok`],
  ['a bare CR in a value', `${OK}A: b\rSet-Cookie: c=d\r\nContent-Length: 2\r\n\r\nok`],
  ['NUL in a value', `${OK}A: b\0c\r\nContent-Length: 2\r\n\r\nok`],
  ['no HTTP', 'ok'],
];

for (const [name, octets] of REFUSED) {
  test(`an answer with ${name} becomes 502, and nothing of it reaches the client`, async () => {
    answer = octets;
    using client = await rawTo(gateway);

    client.write('GET / HTTP/1.1\r\nHost: app.example.test\r\nConnection: close\r\n\r\n');
    const received = await client.ended();

    assert.deepEqual(client.statuses, [502]);
    assert.doesNotMatch(received, /set-cookie/i);
    assert.equal((await gateway.record())['fault'], 'upstream_protocol_error');
  });
}

test('what an application sends after its answer is nobody’s answer', async () => {
  answer = `${OK}Content-Length: 2\r\n\r\nok${OK}Content-Length: 4\r\n\r\nevil`;
  using client = await rawTo(gateway);

  const head = 'GET / HTTP/1.1\r\nHost: app.example.test\r\n';
  client.write(`${head}\r\n${head}Connection: close\r\n\r\n`);
  const received = await client.ended();

  assert.deepEqual(client.statuses, [200, 200]);
  assert.doesNotMatch(received, /evil/);
});
