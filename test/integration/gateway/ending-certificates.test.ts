import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';

const DAY_MS = 86_400_000;
const NAMES = ['app.example.test'];
const POLICY = `
services: { web: { via: tcp, host: 127.0.0.1, port: 1 } }
routes: { web: { host: app.example.test, service: web, auth: public } }
`;

test('expired certificates do not keep the gateway from serving, and everything says so', async () => {
  const ca = await makeCa();
  const days = (count: number) => new Date(Date.now() + count * DAY_MS);
  const server = await issue(ca, { names: NAMES, notBefore: days(-9), notAfter: days(-2.5) });
  const client = await issue(ca, { names: ['fairlead'], client: true, notAfter: days(5.5) });
  const files = { 'certs/tls.crt': server.certPem, 'certs/tls.key': server.keyPem };
  const link = {
    host: '127.0.0.1',
    port: 1,
    ca: ca.certPem,
    cert: client.certPem,
    key: client.keyPem,
  };

  await using gateway = await TestGateway.start({
    policy: POLICY,
    files,
    links: [link],
    waitUntilReady: false,
  });

  const status = await statusOf(gateway, '/readyz');
  const config = await statusOf(gateway, '/-/config');
  const metrics = await bodyOf(gateway, '/metrics');
  const reasons = (status['reasons'] as string[]).filter((reason) => /certificate/.test(reason));
  assert.equal(reasons.length, 2, reasons.join('\n'));
  assert.match(
    reasons[0]!,
    /^degraded: the certificate of gateway\.certificates\[0\] \(certs\/tls\.crt\) expired on /,
  );
  assert.match(
    reasons[1]!,
    /^degraded: the certificate of network\.link\[0\]\.cert \(links\/0\/tls\.crt\) expires in 5 days/,
  );
  const certificates = config['certificates'] as { place: string; daysLeft: number }[];
  assert.deepEqual(
    certificates.map(({ place, daysLeft }) => [place, daysLeft]),
    [
      ['gateway.certificates[0]', -3],
      ['network.link[0].cert', 5],
      ['network.link[0].ca', 29],
    ],
  );
  assert.match(
    metrics,
    new RegExp(
      `^fairlead_certificate_not_after_timestamp_seconds\\{certificate="gateway.certificates\\[0\\]"\\} ${Math.floor(days(-2.5).getTime() / 100_000)}`,
      'm',
    ),
  );
  assert.equal(await presented(gateway.port), 'CN=app.example.test');
});

test('a renewed certificate ends the warning with the reload that brings it', async () => {
  const ca = await makeCa();
  const ending = await issue(ca, { names: NAMES, notAfter: new Date(Date.now() + DAY_MS) });
  const renewed = await issue(ca, { names: NAMES });
  const filesOf = ({ certPem, keyPem }: typeof ending) => {
    return { 'certs/tls.crt': certPem, 'certs/tls.key': keyPem };
  };
  await using gateway = await TestGateway.start({ policy: POLICY, files: filesOf(ending) });
  const before = await statusOf(gateway, '/readyz');

  await gateway.reload(filesOf(renewed));

  assert.match(String(before['reasons']), /expires in less than a day/);
  assert.equal(before['ready'], true);
  assert.deepEqual((await statusOf(gateway, '/readyz'))['reasons'], []);
});

async function bodyOf({ gateway }: TestGateway, path: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${gateway.adminPort}${path}`)).text();
}

async function statusOf(gateway: TestGateway, path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await bodyOf(gateway, path)) as Record<string, unknown>;
}

/** Subject of the certificate that a client gets, whether or not it would believe it. */
function presented(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: NAMES[0]!,
    rejectUnauthorized: false,
  });
  socket.once('error', reject);
  socket.once('secureConnect', () => {
    resolve(socket.getPeerX509Certificate()?.subject ?? 'none');
    socket.destroy();
  });
  return promise;
}
