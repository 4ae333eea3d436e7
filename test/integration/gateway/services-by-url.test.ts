import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:https';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { Application, type Echo } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import type { AccessLine } from '../../support/gateway/gateway.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const authority = await makeCa('applications');
const stranger = await makeCa('somebody else');
const localhost = await issue(authority, { names: ['localhost'] });

let plain: Application;
let secure: Server;
let h2: ReturnType<typeof createSecureServer>;
let gateway: TestGateway;

before(async () => {
  plain = await Application.start();
  const { certPem: cert, keyPem: key } = localhost;
  secure = createServer({ cert, key }, (request, response) => response.end(request.headers.host));
  h2 = createSecureServer({ cert, key }, (request, response) => response.end(request.httpVersion));
  for (const server of [secure, h2]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  const port = (server: Pick<Server, 'address'>) => (server.address() as AddressInfo).port;
  gateway = await TestGateway.start({
    files: { 'ca.crt': authority.certPem, 'other.crt': stranger.certPem },
    policy: `
services:
  plain: http://127.0.0.1:${plain.address.port}
  secure: { url: "https://localhost:${port(secure)}", tls: { ca: ca.crt }, hostHeader: service }
  h2: { url: "https://localhost:${port(h2)}", tls: { ca: ca.crt }, protocol: auto }
  stranger: { url: "https://localhost:${port(secure)}", tls: { ca: other.crt } }
  named: { url: "https://127.0.0.1:${port(secure)}", tls: { ca: ca.crt } }
routes:
  app:
    host: app.example.test
    service: "http://127.0.0.1:${plain.address.port}"
    auth: public
    paths:
      /plain: { service: plain }
      /secure: { service: secure }
      /h2: { service: h2 }
      /stranger: { service: stranger }
      /named: { service: named }
      /system: { service: "https://localhost:${port(secure)}" }
      /nobody: { service: "http://127.0.0.1:1" }
`,
  });
});

async function lineOf(path: string): Promise<AccessLine> {
  const find = () => gateway.records.find((line) => line['url.path'] === path);
  await waitUntil(`the access line of ${path}`, () => find() !== undefined);
  return find()!;
}

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await plain?.[Symbol.asyncDispose]();
  secure?.closeAllConnections();
  for (const server of [secure, h2]) server?.close();
});

for (const path of ['/', '/plain']) {
  test(`${path} reaches an application without a router, by a URL in a route or a service`, async () => {
    const response = await gateway.request(path);

    assert.equal(response.statusCode, 200);
    const echo = (await response.body.json()) as Echo;
    assert.equal(echo.url, path);
    assert.equal(echo.headers[1], `app.example.test:${gateway.port}`);
  });
}

test('https trusts the authorities of the service, and tells its own host where asked to', async () => {
  const response = await gateway.request('/secure');

  assert.match(await response.body.text(), /^localhost:\d+$/);
});

test('the application chooses HTTP/2 in TLS', async () => {
  const response = await gateway.request('/h2');

  assert.equal(await response.body.text(), '2.0');
});

for (const [path, why] of [
  ['/stranger', 'of another authority'],
  ['/named', 'for another name'],
  ['/system', 'of an authority that the system does not know'],
] as const) {
  test(`a certificate ${why} gets no request`, async () => {
    const response = await gateway.request(path);
    await response.body.dump();

    assert.equal(response.statusCode, 502);
    assert.equal((await lineOf(path))['fault'], 'upstream_tls_failed');
  });
}

test('a port where nobody listens is a fault of the application', async () => {
  const response = await gateway.request('/nobody');
  await response.body.dump();

  const { fault, fault_detail: detail } = await lineOf('/nobody');
  assert.deepEqual([response.statusCode, fault], [502, 'upstream_connect_failed']);
  assert.match(String(detail), /http service 127\.0\.0\.1:1/);
});
