import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { fieldValues } from '../../../src/core/header-list.ts';
import { FIELD_CLIENTS } from '../../support/clients/field-clients.ts';
import { secureTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';

// What members of `gateway` do to a client.

const POLICY =
  'routes: { app: { host: app.example.test, auth: public, respond: { body: hello } } }';
const GET = { host: 'app.example.test', method: 'GET' };

const start = (gateway: string, files = {}) =>
  TestGateway.start({ policy: POLICY, gateway, files });

test('without a server name the certificate of defaultCertificate is served, and no other', async () => {
  const ca = await makeCa('of the default');
  const { certPem, keyPem } = await issue(ca, { names: ['default.example.test'] });
  const files = { 'default.crt': certPem, 'default.key': keyPem };
  const pair = '{ cert: default.crt, key: default.key }';
  // One certificate alone is the default by itself.
  await using without = await start(`certificates: [certs, ${pair}]`, files);
  await using gateway = await start(`defaultCertificate: ${pair}`, files);
  const unnamed = { servername: '', rejectUnauthorized: false };

  const socket = await secureTo(gateway, unnamed);
  const named = await secureTo(gateway);

  assert.match(socket.getPeerCertificate().subjectaltname!, /default\.example\.test/);
  assert.match(named.getPeerCertificate().subjectaltname!, /app\.example\.test/);
  for (const each of [socket, named]) each.destroy();
  await assert.rejects(secureTo(without, unnamed), /unrecognized/i);
});

for (const [version, ask] of Object.entries(FIELD_CLIENTS)) {
  test(`a head beyond limits.headerSize is 431 (${version})`, async () => {
    await using gateway = await start('limits: { headerSize: 2KiB }');
    const askWith = (octets: number) =>
      ask(gateway, { ...GET, headers: ['x-a', 'a'.repeat(octets)] });

    assert.equal((await askWith(1000)).status, 200);
    assert.equal((await askWith(3000)).status, 431);
  });
}

for (const [version, ask] of Object.entries(FIELD_CLIENTS)) {
  test(`more fields than limits.headerCount are 431, and cookies over HTTP/2 are one (${version})`, async () => {
    await using gateway = await start('limits: { headerCount: 40 }');
    const few = Array.from({ length: 30 }, (_, index) => [`x-${index}`, 'a']).flat();
    const many = Array.from({ length: 41 }, (_, index) => [`x-${index}`, 'a']).flat();
    const crumbs = Array.from({ length: 60 }, (_, index) => ['cookie', `c${index}=1`]).flat();
    const askWith = (headers: readonly string[]) => ask(gateway, { ...GET, headers });

    assert.equal((await askWith(few)).status, 200);
    assert.equal((await askWith(many)).status, 431);
    // Over HTTP/1.1 each line is a field (RFC 6265 5.4 has one alone).
    assert.equal((await askWith(crumbs)).status, version === 'HTTP/2' ? 200 : 431);
  });
}

for (const [what, gateway, expected] of [
  ['a year unless the policy says otherwise', '', ['max-age=31536000']],
  [
    'the text of the policy',
    'hsts: "max-age=60; includeSubDomains"',
    ['max-age=60; includeSubDomains'],
  ],
  ['off', 'hsts: off', []],
] as const) {
  test(`hsts: ${what}`, async () => {
    await using running = await start(gateway);

    const { fields } = await FIELD_CLIENTS['HTTP/1.1'](running, GET);

    assert.deepEqual(fieldValues(fields, 'strict-transport-security'), expected);
  });
}

for (const [what, list, status] of [
  ['of from.allow', '127.0.0.0/8', 200],
  ['that from.allow does not have', '192.0.2.0/24', 403],
] as const) {
  test(`a client ${what} gets ${status}`, async () => {
    await using gateway = await start(`from: { allow: [${list}] }`);

    const answer = await FIELD_CLIENTS['HTTP/1.1'](gateway, GET);

    assert.equal(answer.status, status);
  });
}

test('connections beyond limits.connections are closed at once', async () => {
  await using gateway = await start('limits: { connections: 2 }');
  const open = [await secureTo(gateway), await secureTo(gateway)];

  const third = connect(gateway.port, '127.0.0.1');
  third.on('error', () => {});
  third.resume();
  await once(third, 'close', { signal: AbortSignal.timeout(5_000) });

  for (const socket of open) socket.destroy();
});
