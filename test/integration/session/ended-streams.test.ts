import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Metadata, status } from '@grpc/grpc-js';
import type { StatusObject } from '@grpc/grpc-js';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { ECHO, grpcTo, startGrpcApplication } from '../../support/applications/grpc.ts';
import type { Message } from '../../support/applications/grpc.ts';
import { logIn, startSessionGateway } from '../../support/sessions/session-gateway.ts';
import { sessionPlugin } from '../../support/sessions/session-plugin.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';
import {
  echo,
  startWebSocketApplication,
  textOf,
  webSocketOverHttp2,
  webSocketTo,
} from '../../support/applications/websocket.ts';

const REASON = 'The login that allowed the request has ended.';

/** The provider says that Ada has logged out. */
async function logOutAda(gateway: TestGateway): Promise<void> {
  const path = '/.fairlead/corp/backchannel-logout';
  const response = await gateway.request(path, { method: 'POST', body: 'ada' });
  assert.deepEqual(await response.body.json(), { ended: 1 });
}

/** What a client of the gateway's own page sends. */
async function fieldsOf(gateway: TestGateway) {
  return { cookie: await logIn(gateway), origin: `https://app.example.test:${gateway.port}` };
}

/** What the record of the stream at this path says of its end. */
async function endOf(gateway: TestGateway, path: string) {
  const record = () => gateway.records.find((line) => line['url.path'] === path);
  await waitUntil('the record', () => record() !== undefined);
  return [record()!['fault'], record()!['complete']];
}

for (const [version, open] of [
  ['HTTP/1.1', webSocketTo],
  ['HTTP/2', webSocketOverHttp2],
] as const) {
  test(`a logout closes a WebSocket over ${version} with 1008 and the reason`, async () => {
    await using application = await startWebSocketApplication(echo);
    await using gateway = await startSessionGateway(application);
    const socket = await open(gateway, '/ws', await fieldsOf(gateway));
    socket.send('hello');
    const [reply] = await once(socket, 'message');
    const closed = once(socket, 'close');
    const started = performance.now();

    await logOutAda(gateway);

    const [code, reason] = await closed;
    assert.equal(textOf(reply), 'hello');
    assert.deepEqual([code, String(reason)], [1008, REASON]);
    assert.ok(performance.now() - started < 1000);
    assert.deepEqual(await endOf(gateway, '/ws'), ['identity_ended', false]);
  });

  test(`a WebSocket over ${version} in mid-frame is cut, and nothing is put into the frame`, async () => {
    await using application = await startWebSocketApplication((socket) => {
      // The head of a frame of 20 octets, and ten of them: a Close frame would fill it up.
      const { _socket: raw } = socket as unknown as { _socket: NodeJS.WritableStream };
      raw.write(Buffer.concat([Buffer.from([0x82, 20]), Buffer.alloc(10)]));
    });
    await using gateway = await startSessionGateway(application);
    const socket = await open(gateway, '/ws', await fieldsOf(gateway));
    socket.on('error', () => {});
    const messages: unknown[] = [];
    socket.on('message', (message) => messages.push(message));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const closed = once(socket, 'close');

    await logOutAda(gateway);

    const [code] = await closed;
    assert.equal(code, 1006);
    assert.deepEqual(messages, []);
    assert.deepEqual(await endOf(gateway, '/ws'), ['identity_ended', false]);
  });
}

test('a logout ends a gRPC stream with UNAUTHENTICATED and the reason', async () => {
  await using application = await startGrpcApplication();
  const { host, port } = application.address;
  await using gateway = await TestGateway.start({
    plugins: [sessionPlugin()],
    policy: `
providers: { corp: { plugin: fake-login } }
services: { rpc: { via: tcp, host: "${host}", port: ${port}, protocol: h2 } }
routes: { rpc: { host: app.example.test, service: rpc, auth: corp } }
`,
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(await fieldsOf(gateway))) metadata.set(name, value);
  const client = grpcTo(gateway);
  const { path, requestSerialize, responseDeserialize } = ECHO.chat;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
  call.on('error', () => {});
  call.write({ text: 'hello' });
  const [message] = (await once(call, 'data')) as [Message];
  const ended = new Promise<StatusObject>((resolve) => call.once('status', resolve));

  await logOutAda(gateway);

  const { code, details } = await ended;
  client.close();
  assert.equal(message.text, 'hello');
  assert.deepEqual([code, details], [status.UNAUTHENTICATED, REASON]);
  assert.deepEqual(await endOf(gateway, path), ['identity_ended', false]);
});
