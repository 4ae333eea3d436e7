import assert from 'node:assert/strict';
import { createSecureServer } from 'node:http2';
import { createServer as createHttps, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter } from '../../support/routers/router.ts';

const ROUTES = 'routes: { app: { host: app.example.test, service: app, auth: public } }';

for (const [balance, wanted] of [
  ['connection', 1],
  ['request', 10],
] as const) {
  test(`balance: ${balance} opens ${wanted} connection(s) for ten requests in turn`, async () => {
    await using started = new AsyncDisposableStack();
    const application = started.use(
      await Application.start((_request, response) => response.end('ok')),
    );
    const router = started.use(await startRouter({ connectors: { 'app:1': application.address } }));
    const gateway = started.use(
      await TestGateway.start({
        links: [router.link],
        policy: `services: { app: { address: "app:1", balance: ${balance} } }\n${ROUTES}`,
      }),
    );
    const before = application.connections;

    for (let i = 0; i < 10; i += 1) {
      const response = await gateway.request('/');
      assert.equal(await response.body.text(), 'ok');
    }

    assert.equal(application.connections - before, wanted);
  });
}

for (const [what, create, version] of [
  ['HTTP/2 where its TLS agrees to it', createSecureServer, '2.0'],
  ['HTTP/1.1 where it does not', createHttps, '1.1'],
] as const) {
  test(`protocol: auto speaks ${what}`, async () => {
    await using started = new AsyncDisposableStack();
    const authority = await makeCa('applications');
    const { certPem, keyPem } = await issue(authority, { names: ['app'] });
    const answer = (request: { httpVersion: string }, response: { end(text: string): unknown }) =>
      response.end(request.httpVersion);
    const server = (create as typeof createHttps)({ cert: certPem, key: keyPem }, answer as never);
    started.defer(() => stop(server));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const router = started.use(
      await startRouter({ connectors: { 'app:1': { host: '127.0.0.1', port } } }),
    );
    const gateway = started.use(
      await TestGateway.start({
        links: [router.link],
        policy: `services: { app: { address: "app:1", protocol: auto, tls: { ca: ca.crt } } }\n${ROUTES}`,
        files: { 'ca.crt': authority.certPem },
      }),
    );

    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await gateway.request('/')).body.text()),
    );

    assert.deepEqual([...new Set(answers)], [version]);
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Connections that are kept alive; the gateway has closed its own by now.
    setTimeout(resolve, 200).unref();
  });
}
