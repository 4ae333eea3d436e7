import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { http1 } from '../../support/clients/bulk-client.ts';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import {
  echo,
  startWebSocketApplication,
  webSocketOverHttp2,
  webSocketTo,
} from '../../support/applications/websocket.ts';

/** As the policy below has it: one second of it passes at once. */
const RATE = 1024 * 1024;
const BODY = randomBytes(RATE + RATE / 4);
/** What is beyond the burst takes this long each way; a timer of Node may be a little early. */
const LEAST_MS = 1000 / 4 - 20;

let application: Awaited<ReturnType<typeof startWebSocketApplication>>;
let router: RunningRouter;
let gateway: TestGateway;

before(async () => {
  application = await startWebSocketApplication(echo, (request, response) => {
    // Both directions at the same time would look like one.
    void buffer(request).then((body) => response.end(body));
  });
  router = await startRouter({ connectors: { 'app:1': application.address } });
  gateway = await TestGateway.start({
    links: [router.link],
    policy: `
services:
  lane: { address: "app:1" }
  tcp: { via: tcp, host: 127.0.0.1, port: ${application.address.port} }
tiers: { default: { bandwidth: 1MiB/s } }
routes:
  app:
    host: app.example.test
    auth: public
    service: tcp
    limits: { bandwidth: 900MiB/s }
    paths:
      /lane/**: { service: lane }
      /tcp/**: { limits: { bandwidth: 500MiB/s } }
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

async function echoOverHttp1(path: string): Promise<Buffer> {
  const body = Readable.from([BODY]);
  return buffer(await http1(gateway, path, { method: 'POST', bytes: BODY.length, body }));
}

async function echoOverHttp2(path: string): Promise<Buffer> {
  const session = await http2To(gateway);
  const authority = 'app.example.test';
  const stream = session.request({ ':method': 'POST', ':path': path, ':authority': authority });
  stream.end(BODY);
  const answer = await buffer(stream);
  session.destroy();
  return answer;
}

for (const way of ['lane', 'tcp']) {
  for (const [version, send] of [
    ['HTTP/1.1', echoOverHttp1],
    ['HTTP/2', echoOverHttp2],
  ] as const) {
    test(`bodies over ${version} and ${way} keep the bandwidth of the tier, each way by itself`, async () => {
      const startedMs = performance.now();

      const answer = await send(`/${way}/echo`);

      assert.ok(answer.equals(BODY));
      assert.ok(performance.now() - startedMs >= 2 * LEAST_MS);
    });
  }

  for (const [version, open] of [
    ['HTTP/1.1', webSocketTo],
    ['HTTP/2', webSocketOverHttp2],
  ] as const) {
    test(`a WebSocket over ${version} and ${way} keeps it too`, async () => {
      const socket = await open(gateway, `/${way}/ws`);
      const startedMs = performance.now();

      socket.send(BODY);
      const [answer] = (await once(socket, 'message')) as [Buffer];
      socket.terminate();

      assert.ok(answer.equals(BODY));
      assert.ok(performance.now() - startedMs >= LEAST_MS);
    });
  }
}
