import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { Metadata, status } from '@grpc/grpc-js';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { callUnary, grpcTo, startGrpcApplication } from '../../support/applications/grpc.ts';
import { logIn, startSessionGateway } from '../../support/sessions/session-gateway.ts';
import { sessionPlugin } from '../../support/sessions/session-plugin.ts';
import {
  echo,
  extendedConnect,
  startWebSocketApplication,
} from '../../support/applications/websocket.ts';

/** What another site makes a browser send, and what no browser of today sends. */
const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { origin: 'https://evil.example' },
  { origin: 'null', 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  {},
];

test('a WebSocket by extended CONNECT with a session cookie from another site is refused', async () => {
  await using application = await startWebSocketApplication(echo);
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);
  const session = await http2To(gateway);
  if (!session.remoteSettings.enableConnectProtocol) await once(session, 'remoteSettings');
  const handshake = async (fields: Readonly<Record<string, string>>) => {
    const stream = extendedConnect(session, '/ws', { headers: { cookie, ...fields } });
    const [head] = (await once(stream, 'response')) as [{ ':status': number }];
    stream.destroy();
    return head[':status'];
  };

  for (const fields of FOREIGN) {
    assert.equal(await handshake(fields), 403, JSON.stringify(fields));
  }
  const reached = application.headers.length;
  const own = await handshake({ origin: `https://app.example.test:${gateway.port}` });
  session.destroy();

  assert.equal(reached, 0);
  assert.equal(own, 200);
});

test('a gRPC call with a session cookie from another site is refused', async () => {
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
  const cookie = await logIn(gateway);
  const client = grpcTo(gateway);
  const call = async (fields: Readonly<Record<string, string>>) => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries({ cookie, ...fields })) metadata.set(name, value);
    const { answer } = callUnary(client, 'hello', { metadata });
    return answer.then(
      () => status.OK,
      (error: { code: number }) => error.code,
    );
  };

  for (const fields of FOREIGN) {
    assert.equal(await call(fields), status.PERMISSION_DENIED, JSON.stringify(fields));
  }
  const reached = application.seen.metadata.length;
  const own = await call({ origin: `https://app.example.test:${gateway.port}` });
  client.close();

  assert.equal(reached, 0);
  assert.equal(own, status.OK);
});
