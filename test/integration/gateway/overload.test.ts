import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

test('too many requests in flight refuse what has no tier, and health and pages of ours stay', async () => {
  const held: ServerResponse[] = [];
  await using application = await Application.start((request, response) => {
    if (request.url === '/held') held.push(response);
    else response.end('ok');
  });
  await using gateway = await TestGateway.start({
    gateway: 'shedding: { queue: 2 }',
    policy: `
tiers: { gold: { priority: 9 } }
services: { app: { via: tcp, host: 127.0.0.1, port: ${application.address.port} } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
  const statusOf = async (path: string) => {
    const { statusCode, headers, body } = await gateway.request(path);
    await body.dump();
    return { status: statusCode, retryAfter: headers['retry-after'] };
  };
  const open = ['/held', '/held', '/held'].map((path) => statusOf(path));
  await waitUntil('three are held', () => held.length === 3);
  let answer = await statusOf('/');

  await waitUntil('the gateway is overloaded', async () => {
    answer = await statusOf('/');
    return answer.status === 503;
  });
  const page = await statusOf('/.fairlead/errors/overloaded');
  const refused = answer;
  for (const response of held) response.end('late');
  await waitUntil('the overload is over', async () => (await statusOf('/')).status === 200);

  assert.deepEqual(refused, { status: 503, retryAfter: '5' });
  assert.equal(page.status, 200);
  for (const each of open) assert.equal((await each).status, 200);
});
