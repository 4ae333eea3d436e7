import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter } from '../../support/routers/router.ts';

async function startApplication() {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          method: request.method,
          url: request.url,
          headers: request.rawHeaders,
          body: Buffer.concat(chunks).toString('latin1'),
        }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: { host: '127.0.0.1', port },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Echo {
  method: string;
  url: string;
  headers: string[];
  body: string;
}

const ROUTES = `
routes:
  web: { host: app.example.test, service: web, auth: public }
`;

test('a request reaches the application over AMQP lanes and its answer comes back', async () => {
  await using application = await startApplication();
  await using router = await startRouter({ connectors: { 'web:8080': application.address } });
  await using gateway = await TestGateway.start({
    links: [router.link],
    policy: `services: { web: { address: "web:8080" } }\n${ROUTES}`,
  });

  const response = await gateway.request('/hello?x=1', { method: 'POST', body: 'ping' });
  const echo = (await response.body.json()) as Echo;

  assert.equal(response.statusCode, 200);
  assert.equal(echo.url, '/hello?x=1');
  assert.equal(echo.body, 'ping');
  const line = await gateway.record();
  assert.equal(line['http.response.status_code'], 200);
  assert.equal(line['url.path'], '/hello');
  assert.equal(line['service'], 'web');
});

test('a request reaches the application over a tcpListener with mutual TLS', async () => {
  await using application = await startApplication();
  await using router = await startRouter({
    connectors: { 'web:8080': application.address },
    tcpListeners: ['web:8080'],
  });
  const { ca, cert, key } = router.link;
  await using gateway = await TestGateway.start({
    policy: `
services:
  web:
    address: "web:8080"
    via: tcp
    host: 127.0.0.1
    port: ${router.tcpPort('web:8080')}
    tls: { ca: tcp/ca.crt, cert: tcp/tls.crt, key: tcp/tls.key, serverName: localhost }
${ROUTES}`,
    files: { 'tcp/ca.crt': ca, 'tcp/tls.crt': cert ?? '', 'tcp/tls.key': key ?? '' },
  });

  const response = await gateway.request('/hello', { method: 'POST', body: 'ping' });
  const echo = (await response.body.json()) as Echo;

  assert.equal(response.statusCode, 200);
  assert.equal(echo.body, 'ping');
});
