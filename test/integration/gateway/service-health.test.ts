import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const authority = await makeCa('applications');
const localhost = await issue(authority, { names: ['localhost'] });

/** Applications that are well until told otherwise; `reached` are the requests that were no questions. */
const state = new Map<string, { isWell: boolean; reached: number }>();

function answering(name: string) {
  state.set(name, { isWell: true, reached: 0 });
  return (request: IncomingMessage, response: ServerResponse): void => {
    const own = state.get(name)!;
    if (request.url !== '/up') own.reached += 1;
    response.statusCode = request.url === '/up' && !own.isWell ? 503 : 200;
    response.end('x');
  };
}

const plain = createServer(answering('plain'));
const h2 = createSecureServer(
  { cert: localhost.certPem, key: localhost.keyPem },
  answering('h2') as never,
);
let gateway: TestGateway;

before(async () => {
  for (const server of [plain, h2]) await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = (server: typeof plain | typeof h2) => (server.address() as AddressInfo).port;
  const health = '{ path: /up, every: 5ms, unhealthy: 2, healthy: 2 }';
  gateway = await TestGateway.start({
    files: { 'ca.crt': authority.certPem },
    policy: `
services:
  plain: { url: "http://127.0.0.1:${port(plain)}", health: ${health} }
  h2: { url: "https://localhost:${port(h2)}", tls: { ca: ca.crt }, protocol: h2, health: ${health} }
routes:
  app:
    host: app.example.test
    auth: public
    paths:
      /plain/**: { service: plain }
      /h2/**: { service: h2 }
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  plain.closeAllConnections();
  plain.close();
  h2.close();
});

async function statusOf(path: string): Promise<number> {
  const { statusCode, body } = await gateway.request(path);
  await body.dump();
  return statusCode;
}

/** 1: well. */
function gaugeOf(service: string): string | undefined {
  const text = gateway.gateway.metrics.render();
  return new RegExp(`^fairlead_service_health\\{service="${service}"\\} (\\d)$`, 'm').exec(
    text,
  )?.[1];
}

for (const name of ['plain', 'h2']) {
  test(`requests of ${name} get 503 while its health check fails, kept connections or not, and pass again`, async () => {
    const own = state.get(name)!;
    const first = await statusOf(`/${name}/first`);

    own.isWell = false;
    await waitUntil('it is unwell', () => gaugeOf(name) === '0');
    const reached = own.reached;
    const refused = await statusOf(`/${name}/refused`);
    const reachedMeanwhile = own.reached - reached;
    own.isWell = true;
    await waitUntil('it is well', () => gaugeOf(name) === '1');

    assert.deepEqual([first, refused, reachedMeanwhile], [200, 503, 0]);
    assert.equal(await statusOf(`/${name}/again`), 200);
    const line = gateway.records.find((each) => each['url.path'] === `/${name}/refused`)!;
    assert.equal(line['fault'], 'service_unavailable');
    assert.match(
      String(line['fault_detail']),
      /unhealthy: its health check at \/up failed: status 503/,
    );
    const warned = gateway.lines.filter((each) => each.includes(`"service":"${name}"`));
    assert.match(warned[0] ?? '', /"fault":"status 503".*service is unhealthy/);
    const metrics = gateway.gateway.metrics.render();
    for (const outcome of ['good', 'bad']) {
      const counted = `fairlead_health_checks_total{service="${name}",outcome="${outcome}"} `;
      assert.ok(metrics.includes(counted), counted);
    }
    assert.ok(gateway.gateway.isReady);
  });
}

test('a reload without health asks nobody any more, and lets requests through', async () => {
  state.get('plain')!.isWell = false;
  await waitUntil('it is unwell', () => gaugeOf('plain') === '0');
  const port = (plain.address() as AddressInfo).port;

  await gateway.reload({
    'policy.yaml': `routes: { app: { host: app.example.test, service: "http://127.0.0.1:${port}", auth: public } }`,
  });

  assert.equal(await statusOf('/plain/x'), 200);
  assert.equal(gaugeOf('plain'), undefined);
});
