import assert from 'node:assert/strict';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { Backend, closedPort } from '../../support/applications/backend.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const ROUTES = `
services:
  app: { address: "app:1" }
routes:
  app: { host: app.example.test, service: app, auth: public }
`;

test('without a router the gateway runs, says why it is not ready, and connects when one comes', async () => {
  await using application = await Application.start();
  await using router = await startRouter({ connectors: { 'app:1': application.address } });
  await router.kill();
  await using gateway = await TestGateway.start({
    links: [router.link],
    policy: ROUTES,
    waitUntilReady: false,
  });

  const readiness = await readyz(gateway);
  const refused = await answer(gateway, '/');
  await router.restart();
  const startedMs = performance.now();
  await waitUntil('the gateway is ready', () => gateway.gateway.isReady);
  const served = await answer(gateway, '/');

  assert.equal(readiness.status, 503);
  assert.match(readiness.text, /network: no router connection is open, since .*ECONNREFUSED/);
  assert.equal(refused.status, 503);
  assert.equal(refused.code, 'network_unavailable');
  assert.match(refused.retryAfter ?? '', /^[1-9]\d*$/);
  assert.equal(served.status, 200);
  assert.ok(performance.now() - startedMs < 5_000);
  assert.equal((await readyz(gateway)).status, 200);
});

test('every way an application can fail has its own answer, within a named limit', async (t) => {
  await using applications = await startFailingApplications();
  await using router = await startRouter({ connectors: applications.connectors });
  await using gateway = await TestGateway.start({
    links: [router.link],
    network: 'creditWait: 500ms',
    policy: `
services:
  nobody: { address: "nobody:1" }
  refusing: { address: "refusing:1" }
  silent: { address: "silent:1", timeout: { response: 300ms } }
  stalling: { address: "stalling:1", timeout: { idle: 300ms } }
  resetting: { address: "resetting:1" }
  cutting: { address: "cutting:1" }
  babbling: { address: "babbling:1" }
  overlong: { address: "overlong:1" }
routes:
  nobody: { host: app.example.test, service: nobody, auth: public, paths: { /nobody: {} } }
${['refusing', 'silent', 'stalling', 'resetting', 'cutting', 'babbling', 'overlong']
  .map((name) => `  ${name}: { host: ${name}.wild.example.test, service: ${name}, auth: public }`)
  .join('\n')}
`,
  });
  const REFUSED = [
    ['nobody', 503, 'service_unavailable'],
    ['refusing', 502, 'upstream_connect_failed'],
    ['silent', 504, 'upstream_response_timeout'],
    ['resetting', 502, 'upstream_reset'],
    ['babbling', 502, 'upstream_protocol_error'],
  ] as const;
  for (const [name, status, code] of REFUSED) {
    await t.test(`${name}: ${status} ${code}`, async () => {
      const host = name === 'nobody' ? 'app.example.test' : `${name}.wild.example.test`;

      const refused = await answer(gateway, `/${name}`, host);

      assert.deepEqual({ status: refused.status, code: refused.code }, { status, code });
      if (status === 503) assert.match(refused.retryAfter ?? '', /^[1-9]\d*$/);
    });
  }
  for (const name of ['stalling', 'cutting', 'overlong']) {
    await t.test(`${name} in mid-response: the client sees an error, not an end`, async () => {
      const response = await gateway.request('/', { host: `${name}.wild.example.test` });

      assert.equal(response.statusCode, 200);
      await assert.rejects(response.body.text());
    });
  }
});

async function startFailingApplications() {
  const HEAD = 'HTTP/1.1 200 OK\r\n';
  const backends = {
    silent: await Backend.start(),
    stalling: await Backend.start((socket) => {
      socket.once('data', () => socket.write(`${HEAD}Content-Length: 10\r\n\r\nabc`));
    }),
    resetting: await Backend.start((socket) => socket.once('data', () => socket.resetAndDestroy())),
    cutting: await Backend.start((socket) => {
      // Delimited by close: only the outcome of the lane tells a reset from an end.
      socket.once('data', () => {
        socket.write(`${HEAD}\r\nabc`, () => setTimeout(() => socket.resetAndDestroy(), 50));
      });
    }),
    babbling: await Backend.start((socket) => {
      socket.once('data', () => socket.write('SSH-2.0-OpenSSH_9.9\r\n'));
    }),
    overlong: await Backend.start((socket) => {
      socket.once('data', () => {
        socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\nnonsense`);
      });
    }),
  };
  const addresses = Object.entries(backends).map(([name, it]) => [`${name}:1`, it.address]);
  const refusing = { host: '127.0.0.1', port: await closedPort() };
  return {
    connectors: { ...Object.fromEntries(addresses), 'refusing:1': refusing },
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(backends).map((backend) => backend.stop()));
    },
  };
}

async function answer(gateway: TestGateway, path: string, host = 'app.example.test') {
  const response = await gateway.request(path, { host });
  const text = await response.body.text();
  return {
    status: response.statusCode,
    retryAfter: response.headers['retry-after'] as string | undefined,
    code: response.statusCode === 200 ? undefined : (JSON.parse(text) as { code: string }).code,
  };
}

async function readyz(gateway: TestGateway) {
  const response = await fetch(`http://127.0.0.1:${gateway.gateway.adminPort}/readyz`);
  return { status: response.status, text: await response.text() };
}
