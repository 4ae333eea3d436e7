import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import test from 'node:test';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter } from '../../support/routers/router.ts';

/** An application whose event streams a test writes by hand. */
async function startEvents() {
  const responses: ServerResponse[] = [];
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    responses.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    responses,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

for (const [version, open] of [
  ['HTTP/1.1', overHttp1],
  ['HTTP/2', overHttp2],
] as const) {
  test(`over ${version} the head arrives before any event, and each event before the next`, async () => {
    await using started = new AsyncDisposableStack();
    const application = started.use(await startEvents());
    const router = started.use(await startRouter({ connectors: { 'app:1': application.address } }));
    const gateway = started.use(
      await TestGateway.start({
        links: [router.link],
        // Shorter than the pause between two events below: only timeout.stream applies.
        policy: `
services: { app: { address: "app:1", timeout: { idle: 100ms } } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
      }),
    );

    const events = await open(gateway);
    const received: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      application.responses[0]!.write(`data: ${i}\n\n`);
      received.push(await nextText(events));
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
    application.responses[0]!.end('data: last\n\n');
    const last = await nextText(events);

    assert.deepEqual(
      received,
      [0, 1, 2, 3, 4].map((i) => `data: ${i}\n\n`),
    );
    assert.equal(last, 'data: last\n\n');
  });
}

async function overHttp1(gateway: TestGateway): Promise<Readable> {
  const response = await gateway.request('/events');
  assert.equal(response.statusCode, 200);
  return response.body;
}

async function overHttp2(gateway: TestGateway): Promise<Readable> {
  const session = await http2To(gateway);
  const stream = session.request({ ':path': '/events', ':authority': 'app.example.test' });
  stream.once('close', () => session.destroy());
  await once(stream, 'response');
  return stream;
}

async function nextText(stream: Readable): Promise<string> {
  const arrived = once(stream, 'data', { signal: AbortSignal.timeout(5_000) });
  stream.resume();
  const [chunk] = (await arrived) as [Buffer];
  stream.pause();
  return chunk.toString();
}
