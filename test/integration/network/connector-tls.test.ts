import assert from 'node:assert/strict';
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { after, before, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { type RunningRouter, startRouter } from '../../support/routers/router.ts';

const authority = await makeCa('applications');
const stranger = await makeCa('somebody else');

let application: Http2SecureServer;
let router: RunningRouter;
const sockets = new Set<Socket>();

before(async () => {
  // A connector verifies the host that it connects to.
  const { certPem, keyPem } = await issue(authority, { names: ['127.0.0.1'] });
  application = createSecureServer({ cert: certPem, key: keyPem, allowHTTP1: true });
  application.on('connection', (socket) => sockets.add(socket));
  application.on('request', (request, response) => response.end(described(request)));
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  const address = { host: '127.0.0.1', port: (application.address() as AddressInfo).port };
  router = await startRouter({
    connectors: {
      'app:1': { ...address, tls: { ca: authority.certPem } },
      'distrusted:1': { ...address, tls: { ca: stranger.certPem } },
    },
  });
});

after(async () => {
  await router?.[Symbol.asyncDispose]();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => application.close(resolve));
});

for (const [keys, seen] of [
  ['alpn: http/1.1', 'ALPN http/1.1, HTTP/1.1'],
  ['alpn: h2, protocol: h2', 'ALPN h2, HTTP/2.0, :scheme https'],
  ['protocol: http1', 'ALPN none, HTTP/1.1'],
] as const) {
  test(`a connector that speaks TLS with "${keys}" makes the application see ${seen}`, async () => {
    await using gateway = await startGateway('app:1', keys);

    const response = await gateway.request('/');

    assert.equal(response.statusCode, 200);
    assert.equal(await response.body.text(), seen);
  });
}

test('an application that the connector does not trust is 502, and reads no request', async () => {
  await using gateway = await startGateway('distrusted:1', 'alpn: http/1.1');
  const requests: unknown[] = [];
  const count = (request: unknown) => requests.push(request);
  application.on('request', count);

  const response = await gateway.request('/', { method: 'POST', body: 'secret' });

  application.off('request', count);
  assert.equal(response.statusCode, 502);
  assert.equal((await gateway.record())['fault'], 'upstream_reset');
  assert.deepEqual(requests, []);
});

function startGateway(address: string, keys: string): Promise<TestGateway> {
  return TestGateway.start({
    links: [router.link],
    policy: `
services: { app: { address: "${address}", ${keys} } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
}

/** What the application saw of the connection, and of the request where HTTP/2 says more. */
function described(request: Http2ServerRequest): string {
  const isHttp2 = request.httpVersion === '2.0';
  const socket = isHttp2 ? request.stream.session!.socket : request.socket;
  const alpn = (socket as TLSSocket).alpnProtocol || 'none';
  const scheme = isHttp2 ? `, :scheme ${request.scheme}` : '';
  return `ALPN ${alpn}, HTTP/${request.httpVersion}${scheme}`;
}
