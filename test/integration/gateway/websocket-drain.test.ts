import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { TestGateway } from '../../support/gateway/gateway.ts';
import {
  echo,
  startWebSocketApplication,
  webSocketOverHttp2,
  webSocketTo,
} from '../../support/applications/websocket.ts';

for (const [version, open] of [
  ['HTTP/1.1', webSocketTo],
  ['HTTP/2', webSocketOverHttp2],
] as const) {
  test(`at its limit a drain closes a WebSocket over ${version} with 1001`, async () => {
    await using application = await startWebSocketApplication(echo);
    const { host, port } = application.address;
    await using gateway = await TestGateway.start({
      gateway: 'drain: { delay: 0s, limit: 100ms }',
      policy: `
services: { app: { via: tcp, host: ${host}, port: ${port} } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
    });
    const socket = await open(gateway);
    socket.send('hello');
    await once(socket, 'message');

    const closed = once(socket, 'close');
    await gateway.gateway.drain();
    const [code, reason] = (await closed) as [number, Buffer];

    assert.deepEqual([code, String(reason)], [1001, 'The gateway is shutting down.']);
    const line = await gateway.record();
    assert.deepEqual([line['fault'], line['complete']], ['draining', false]);
  });
}
