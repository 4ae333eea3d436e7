import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { honestRequests } from '../../support/clients/honest-requests.ts';
import { startLeavingClients } from '../../support/clients/leaving-clients.ts';
import {
  type OutcomeApplication,
  startOutcomeApplication,
} from '../../support/applications/outcome-application.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

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
    test(`clients over HTTP/${version} that leave close no service to others (${way})`, async () => {
      await using gateway = await start(way);
      await using leaving = startLeavingClients(gateway, {
        version,
        host: 'app.example.test',
        path: '/silent',
        perSecond: 50,
      });
      await waitUntil('ten clients have left', () => leaving.left >= 10);

      const statuses = await honestRequests(gateway, {
        host: 'app.example.test',
        count: 10,
        pauseMs: 10,
      });

      assert.deepEqual(statuses, { 200: 10 });
    });
  }
}

/** Connections are not kept, so that no kept-alive one vouches for the service. */
function start(way: 'lane' | 'tcp'): Promise<TestGateway> {
  const { host, port } = application.address;
  const place = way === 'lane' ? 'address: "app:1"' : `via: tcp, host: ${host}, port: ${port}`;
  return TestGateway.start({
    links: [router.link],
    policy: `
services: { app: { ${place}, balance: request } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
}
