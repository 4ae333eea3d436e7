import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Backend } from '../../support/applications/backend.ts';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { metricValue } from '../../support/tools/metric.ts';
import {
  type OutcomeApplication,
  startOutcomeApplication,
} from '../../support/applications/outcome-application.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

/** What interrupts many requests at once, and is not the application's doing. */

let application: OutcomeApplication;
let router: RunningRouter;

before(async () => {
  application = await startOutcomeApplication();
  router = await startRouter({ connectors: { 'app:1': application.address } });
});

after(async () => {
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

for (const way of ['lane', 'tcp'] as const) {
  for (const version of ['1.1', '2'] as const) {
    test(`a drain that cuts requests is no failure of the application: ${way}, HTTP/${version}`, async () => {
      await using gateway = await start(way, 'drain: { delay: 0s, limit: 100ms }');
      const waiting = await requests(gateway, version, 3);

      await gateway.gateway.drain();
      await waiting.ended;

      const faults = gateway.records.map((line) => [line['fault'], line['retries'] ?? 0]);
      assert.deepEqual(faults, [
        ['draining', 0],
        ['draining', 0],
        ['draining', 0],
      ]);
      assert.equal(probed(gateway), 0);
    });

    test(`a reload leaves requests alone, and they count for nothing: ${way}, HTTP/${version}`, async () => {
      await using backend = await Backend.start();
      await using own = await startRouter({ connectors: { 'app:1': backend.address } });
      await using gateway = await start(way, '', { router: own, port: backend.address.port });
      const waiting = await requests(gateway, version, 3, () => backend.connections.length === 3);

      await gateway.reload({
        'policy.yaml': policy(way, backend.address.port, ', timeout: { response: 50s }'),
      });
      for (const socket of backend.connections) {
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
      }
      await waiting.ended;

      const outcomes = gateway.records.map((line) => [
        line['http.response.status_code'],
        line['fault'],
      ]);
      assert.deepEqual(
        outcomes,
        Array.from({ length: 3 }, () => [200, undefined]),
      );
      assert.equal(probed(gateway), 0);
    });
  }
}

for (const version of ['1.1', '2'] as const) {
  test(`a router that is lost is no failure of the application: HTTP/${version}`, async () => {
    await using own = await startRouter({ connectors: { 'app:1': application.address } });
    await using gateway = await start('lane', '', { router: own });
    const waiting = await requests(gateway, version, 3);

    await own.kill();
    await waiting.ended;

    const faults = gateway.records.map((line) => [line['fault'], line['retries'] ?? 0]);
    assert.deepEqual(faults, [
      ['upstream_reset', 0],
      ['upstream_reset', 0],
      ['upstream_reset', 0],
    ]);
    assert.equal(probed(gateway), 0);
  });
}

/** Services that are being probed: two failures of an application in a row would close this one. */
function probed(gateway: TestGateway): number | undefined {
  return metricValue(gateway.gateway.metrics.render(), 'fairlead_services_probed');
}

interface Waiting {
  /** Resolves when all have ended and are recorded. */
  readonly ended: Promise<unknown>;
}

/** So many that the application has and does not answer. */
async function requests(
  gateway: TestGateway,
  version: '1.1' | '2',
  count: number,
  haveArrived?: () => boolean,
): Promise<Waiting> {
  const earlier = application.seen.length;
  const all = Promise.all(Array.from({ length: count }, () => ended(gateway, version)));
  const isThere = haveArrived ?? (() => application.seen.length === earlier + count);
  await waitUntil('the requests arrive', isThere);
  const recorded = () => waitUntil('the records', () => gateway.records.length >= count);
  return { ended: all.then(recorded) };
}

async function ended(gateway: TestGateway, version: '1.1' | '2'): Promise<void> {
  if (version === '1.1') {
    await gateway.request('/silent').then(
      ({ body }) => body.dump(),
      () => {},
    );
    return;
  }
  const session = await http2To(gateway);
  const stream = session.request({ ':path': '/silent', ':authority': 'app.example.test' });
  stream.on('error', () => {});
  stream.resume();
  await new Promise((resolve) => stream.once('close', resolve));
  session.destroy();
}

function start(
  way: 'lane' | 'tcp',
  gateway: string,
  to: { readonly router?: RunningRouter; readonly port?: number } = {},
): Promise<TestGateway> {
  const { port = application.address.port } = to;
  const { link } = to.router ?? router;
  return TestGateway.start({ links: [link], gateway, policy: policy(way, port) });
}

function policy(way: 'lane' | 'tcp', port: number, more = ''): string {
  const place = way === 'lane' ? 'address: "app:1"' : `via: tcp, host: 127.0.0.1, port: ${port}`;
  return `
services: { app: { ${place}, outlier: { failures: 2, min: 60s, max: 60s }${more} } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`;
}
