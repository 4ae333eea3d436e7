import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { type RunningRouter, startRouter } from '../../support/routers/router.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const authority = await makeCa('applications');

let application: Http2SecureServer;
let router: RunningRouter;
const sockets = new Set<Socket>();

before(async () => {
  const { certPem, keyPem } = await issue(authority, { names: ['app'] });
  application = createSecureServer({ cert: certPem, key: keyPem, allowHTTP1: true });
  application.on('connection', (socket) => sockets.add(socket));
  application.on('sessionError', () => {});
  application.on('request', (request, response: Http2ServerResponse) => {
    if (request.url === '/whole') response.end('ok');
    else response.write('begun');
  });
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  const { port } = application.address() as AddressInfo;
  router = await startRouter({ connectors: { 'app:1': { host: '127.0.0.1', port } } });
});

after(async () => {
  await router?.[Symbol.asyncDispose]();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => application.close(resolve));
});

for (const protocol of ['http1', 'h2', 'auto']) {
  test(`a router lost under TLS cuts its responses, and the next request goes on (${protocol})`, async () => {
    await using gateway = await TestGateway.start({
      links: [router.link],
      policy: `
services: { app: { address: "app:1", protocol: ${protocol}, tls: { ca: ca.crt } } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
      files: { 'ca.crt': authority.certPem },
    });
    const response = await gateway.request('/half');
    await once(response.body, 'readable');

    await router.kill();
    await assert.rejects(response.body.text());
    await router.restart();
    await waitUntil('the gateway is ready again', () => gateway.gateway.isReady, 20_000);
    const later = await gateway.request('/whole');

    assert.equal((await gateway.record())['fault'], 'upstream_reset');
    assert.equal(await later.body.text(), 'ok');
  });
}
