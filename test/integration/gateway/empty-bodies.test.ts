import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';

test('a body over HTTP/2 that ends without an octet, in a frame of its own, is an empty body', async () => {
  await using application = await Application.start();
  await using gateway = await TestGateway.start({
    policy: `
services: { app: { via: tcp, host: 127.0.0.1, port: ${application.address.port} } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
  const session = await http2To(gateway);

  // HEADERS, then at once DATA with END_STREAM, before the application has a connection.
  const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
  const answered = Promise.withResolvers<unknown>();
  stream.on('response', (fields) => answered.resolve(fields[':status']));
  stream.resume();
  stream.end();

  assert.equal(await answered.promise, 200);
  session.destroy();
});
