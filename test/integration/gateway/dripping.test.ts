import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter } from '../../support/routers/router.ts';

const CLIENTS = 20;
const HEAD = 'POST / HTTP/1.1\r\nHost: app.example.test\r\n';

test('dripping bodies and heads end at the limits of the policy, and an honest client is served', async () => {
  await using application = await Application.start((request, response) => {
    request.resume();
    request.on('end', () => response.end('ok'));
  });
  await using router = await startRouter({ connectors: { 'app:1': application.address } });
  await using gateway = await TestGateway.start({
    links: [router.link],
    gateway: 'client: { headers: 1s, bodyTotal: 2s }',
    policy: `
services: { app: { address: "app:1" } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
  const all = <T>(open: () => Promise<T>) => Promise.all(Array.from({ length: CLIENTS }, open));

  const bodies = await all(() => rawTo(gateway));
  for (const client of bodies) client.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
  const heads = await all(() => rawTo(gateway));
  for (const client of heads) client.write(HEAD);
  const session = await http2To(gateway);
  const streams = Array.from({ length: CLIENTS }, () => {
    const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
    return stream.on('error', () => {});
  });
  const timer = setInterval(() => {
    for (const client of bodies) client.write('1\r\nx\r\n');
    for (const client of heads) client.write('x: y\r\n');
    for (const stream of streams) if (!stream.closed) stream.write('x');
  }, 200);
  const statuses = streams.map(async (stream) => {
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    return headers[':status'];
  });

  const honest = await gateway.request('/');
  const overHttp2 = await Promise.all(statuses);
  for (const client of [...bodies, ...heads]) await client.ended();
  clearInterval(timer);
  session.destroy();

  assert.equal(honest.statusCode, 200);
  assert.ok(
    overHttp2.every((status) => status === 408),
    overHttp2.join(),
  );
  for (const client of [...bodies, ...heads]) {
    assert.deepEqual(client.statuses, [408]);
    client[Symbol.dispose]();
  }
});
