import assert from 'node:assert/strict';
import { createServer as createPlain } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';

const authority = await makeCa('applications');
const stranger = await makeCa('somebody else');
const clients = await makeCa('gateways');
const ours = await issue(clients, { names: ['gateway'], client: true });
const foreign = await issue(stranger, { names: ['gateway'], client: true });
const billing = await issue(authority, { names: ['billing'] });

let secure: Server;
let plain: ReturnType<typeof createPlain>;
let router: RunningRouter;

before(async () => {
  secure = createServer(
    {
      cert: billing.certPem,
      key: billing.keyPem,
      ca: clients.certPem,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      if (request.url === '/cut') request.socket.destroy();
      else response.end(`hello ${String(subject?.CN)}`);
    },
  );
  plain = createPlain((_request, response) => response.end('in the clear'));
  const connectors = { 'billing:1': await listen(secure), 'plain:1': await listen(plain) };
  router = await startRouter({ connectors });
});

after(async () => {
  await router?.[Symbol.asyncDispose]();
  for (const server of [secure, plain]) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('TLS to the application is mutual, by default for the name in the routing key', async () => {
  await using gateway = await start('tls: { ca: ca.crt, cert: tls.crt, key: tls.key }');

  const response = await gateway.request('/');

  assert.equal(response.statusCode, 200);
  assert.equal(await response.body.text(), 'hello gateway');
});

for (const [what, tls, files, detail] of [
  [
    'a CA that did not sign',
    'ca: ca.crt, cert: tls.crt, key: tls.key',
    { 'ca.crt': stranger.certPem },
    /unable to (verify|get)|self.signed/i,
  ],
  [
    'another name than the certificate has',
    'ca: ca.crt, serverName: other.example, cert: tls.crt, key: tls.key',
    {},
    /other\.example.*ERR_TLS_CERT_ALTNAME_INVALID/,
  ],
] as const) {
  test(`${what} is 502, and the record says why`, async () => {
    await using gateway = await start(`tls: { ${tls} }`, files);

    const response = await gateway.request('/', { method: 'POST', body: 'secret' });
    const line = await gateway.record();

    assert.equal(response.statusCode, 502);
    assert.equal(line['fault'], 'upstream_tls_failed', String(line['fault_detail']));
    assert.match(String(line['fault_detail']), detail);
  });
}

for (const [what, tls] of [
  ['no certificate of ours', 'ca: ca.crt'],
  [
    'a certificate of ours that the application does not trust',
    'ca: ca.crt, cert: foreign.crt, key: foreign.key',
  ],
] as const) {
  test(`${what} is 502 when the application wants a good one`, async () => {
    await using gateway = await start(`tls: { ${tls} }`);

    const response = await gateway.request('/', { method: 'POST', body: 'secret' });

    // Node as a server closes without an alert, so there is no reason of TLS to tell.
    assert.equal(response.statusCode, 502);
    assert.equal((await gateway.record())['fault'], 'upstream_reset');
  });
}

test('an application that speaks no TLS gets no request in the clear', async () => {
  await using gateway = await start('tls: { ca: ca.crt }', {}, 'plain:1');

  const response = await gateway.request('/');

  assert.equal(response.statusCode, 502);
  assert.equal((await gateway.record())['fault'], 'upstream_tls_failed');
});

test('a reload takes the new files for new connections', async () => {
  await using gateway = await start('tls: { ca: ca.crt, cert: tls.crt, key: tls.key }', {
    'ca.crt': stranger.certPem,
  });

  const before = await gateway.request('/');
  await before.body.dump();
  await gateway.reload({ 'ca.crt': authority.certPem });
  const later = await gateway.request('/');

  assert.equal(before.statusCode, 502);
  assert.equal(later.statusCode, 200);
});

test('an application whose certificate keeps failing is left alone, until new files come', async () => {
  const outlier = 'outlier: { failures: 2, min: 60s, max: 60s }';
  const tls = 'tls: { ca: ca.crt, cert: tls.crt, key: tls.key }';
  await using gateway = await start(`${tls}, ${outlier}`, { 'ca.crt': stranger.certPem });
  let handshakes = 0;
  const count = () => (handshakes += 1);
  secure.on('connection', count);

  const statuses = [await status(gateway), await status(gateway), await status(gateway)];
  const refused = await gateway.record(3);
  await gateway.reload({ 'ca.crt': authority.certPem });
  const later = await status(gateway);

  secure.off('connection', count);
  assert.deepEqual(statuses, [502, 502, 503]);
  assert.equal(refused['fault'], 'service_unavailable');
  assert.match(
    String(refused['fault_detail']),
    /app failed 2 times in a row.*certificate for billing/,
  );
  assert.equal(later, 200);
  assert.equal(handshakes, 3);
});

test('a connection that the application cuts inside TLS is an error, and a GET is not answered', async () => {
  await using gateway = await start('tls: { ca: ca.crt, cert: tls.crt, key: tls.key }');

  const response = await gateway.request('/cut');

  assert.equal(response.statusCode, 502);
  assert.equal((await gateway.record())['fault'], 'upstream_reset');
});

function start(
  service: string,
  files: Readonly<Record<string, string>> = {},
  address = 'billing:1',
): Promise<TestGateway> {
  return TestGateway.start({
    links: [router.link],
    policy: `
services: { app: { address: "${address}", ${service} } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
    files: {
      'ca.crt': authority.certPem,
      'tls.crt': ours.certPem,
      'tls.key': ours.keyPem,
      'foreign.crt': foreign.certPem,
      'foreign.key': foreign.keyPem,
      ...files,
    },
  });
}

async function status(gateway: TestGateway): Promise<number> {
  const response = await gateway.request('/');
  await response.body.dump();
  return response.statusCode;
}

async function listen(server: Server | ReturnType<typeof createPlain>) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}
