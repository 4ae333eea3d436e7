import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import type { WebSocket } from 'ws';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter } from '../../support/routers/router.ts';
import {
  echo,
  startWebSocketApplication,
  webSocketOverHttp2,
  webSocketTo,
} from '../../support/applications/websocket.ts';
import { untilStill } from '../../support/tools/until-still.ts';

const MEGABYTE = 1024 * 1024;

async function start(onSocket: (socket: WebSocket) => void, stream: string) {
  await using started = new AsyncDisposableStack();
  const application = started.use(await startWebSocketApplication(onSocket));
  const router = started.use(await startRouter({ connectors: { 'app:1': application.address } }));
  const gateway = await TestGateway.start({
    links: [router.link],
    gateway: 'drain: { delay: 0s, limit: 300ms }',
    policy: `
services: { app: { address: "app:1", timeout: { idle: 100ms, stream: ${stream} } } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
  started.use(gateway);
  const running = started.move();
  return { application, gateway, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

for (const [version, open] of [
  ['HTTP/1.1', webSocketTo],
  ['HTTP/2', webSocketOverHttp2],
] as const) {
  test(`a WebSocket over ${version} without traffic ends at timeout.stream, not at idle`, async () => {
    await using running = await start(echo, '600ms');
    const socket = await open(running.gateway);

    await once(socket, 'close');
    const line = await running.gateway.record();

    assert.ok(Number(line['duration_ms']) >= 600, `${String(line['duration_ms'])} ms`);
    assert.equal(line['fault'], 'upstream_idle_timeout');
    assert.equal(line['complete'], false);
  });

  test(`a drain cuts a WebSocket over ${version} at its limit and no sooner`, async () => {
    await using running = await start(echo, '1m');
    const socket = await open(running.gateway);
    const startedMs = performance.now();

    const drained = running.gateway.gateway.drain();
    await once(socket, 'close');
    const passedMs = performance.now() - startedMs;
    await drained;

    assert.ok(passedMs > 250, `${passedMs} ms`);
    assert.equal((await running.gateway.record())['fault'], 'draining');
  });

  test(`an application that does not read holds up its WebSocket client over ${version}`, async () => {
    const seen = { sockets: [] as WebSocket[], octets: 0 };
    await using running = await start((accepted) => {
      seen.sockets.push(accepted);
      accepted.on('message', (data) => (seen.octets += (data as Buffer).length));
      accepted.pause();
    }, '1m');
    const socket = await open(running.gateway);
    const message = Buffer.alloc(MEGABYTE);

    for (let i = 0; i < 24; i += 1) socket.send(message);
    const left = await untilStill(() => socket.bufferedAmount);
    const [accepted] = seen.sockets;
    accepted!.resume();
    socket.close();
    await Promise.all([once(socket, 'close'), once(accepted!, 'close')]);

    // Lane window, kernel buffers and ours together.
    assert.ok(left > 12 * MEGABYTE, `${left} octets were held up`);
    assert.equal(seen.octets, 24 * MEGABYTE);
  });

  test(`a WebSocket client over ${version} that does not read holds up its application`, async () => {
    await using running = await start((accepted) => {
      for (let i = 0; i < 24; i += 1) accepted.send(Buffer.alloc(MEGABYTE));
      accepted.close();
    }, '1m');
    const socket = await open(running.gateway);
    socket.pause();
    let octets = 0;
    socket.on('message', (data) => (octets += (data as Buffer).length));
    const [accepted] = running.application.sockets;

    const left = await untilStill(() => accepted!.bufferedAmount);
    socket.resume();
    await once(socket, 'close');

    assert.ok(left > 12 * MEGABYTE, `${left} octets were held up`);
    assert.equal(octets, 24 * MEGABYTE);
  });
}
