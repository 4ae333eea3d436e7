import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startStandin } from '../../support/routers/standin.ts';

test('a routing key that the router forbids is told so each time, and never as a failing service', async () => {
  await using running = await startStandin();
  running.router.addConnector('web:8080', { host: '127.0.0.1', port: 1 });
  running.router.misbehave('web:8080', 'forbid');
  await using gateway = await TestGateway.start({
    links: [running.link],
    policy: `
services: { web: { address: "web:8080", outlier: { failures: 2 } } }
routes: { web: { host: app.example.test, service: web, auth: public } }
`,
  });

  const statuses: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    const response = await gateway.request('/');
    statuses.push(response.statusCode);
    await response.body.dump();
  }

  assert.deepEqual(statuses, [502, 502, 502, 502, 502]);
  const faults = new Set(gateway.records.map(({ fault }) => fault));
  assert.deepEqual([...faults], ['routing_key_forbidden']);
});
