import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { watchFiles } from '../../support/gateway/watched-gateway.ts';
import { KubernetesMount } from '../../support/policy/kubernetes-mount.ts';
import { writeFiles } from '../../support/policy/policy-set.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

/** Far below the time of the polling, so that events must have led to the look. */
const QUICK = 'watch: { settle: 50ms, poll: 60s }';
const LIMIT_MS = 5_000;

let application: Application;

before(async () => {
  application = await Application.start();
});

after(() => application[Symbol.asyncDispose]());

function policy(auth = 'public'): string {
  const { host, port } = application.address;
  return `
services: { app: { via: tcp, host: ${host}, port: ${port} } }
routes: { app: { host: app.example.test, service: app, auth: ${auth} } }
`;
}

async function watched(options: Partial<Parameters<typeof TestGateway.start>[0]> = {}) {
  const gateway = await TestGateway.start({ policy: policy(), gateway: QUICK, ...options });
  const reloader = await watchFiles(gateway);
  return {
    gateway,
    reloader,
    generation: () => gateway.gateway.snapshot.generation,
    isRefused: () => gateway.gateway.metrics.render().includes('fairlead_config_last_reload_ok 0'),
    status: async (host = 'app.example.test') => {
      const response = await gateway.request('/', { host });
      await response.body.dump();
      return response.statusCode;
    },
    config: async () => {
      const response = await fetch(`http://127.0.0.1:${gateway.gateway.adminPort}/-/config`);
      return (await response.json()) as { refused?: { hash?: string; errors: string } };
    },
    async [Symbol.asyncDispose]() {
      reloader.stop();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

test('a policy file that is changed, one that is new and one that is removed are taken by themselves', async () => {
  await using scene = await watched();
  const { directory } = scene.gateway;
  const other = 'routes: { other: { host: other.example.test, service: app, auth: public } }\n';
  const seen = [await scene.status('other.example.test')];

  await writeFiles(directory, { 'more/other.yaml': other });
  await waitUntil('the new file', () => scene.generation() === 2, LIMIT_MS);
  seen.push(await scene.status('other.example.test'));
  await writeFiles(directory, { 'more/other.yaml': other.replace('public', 'public, body: 1KiB') });
  await waitUntil('the changed file', () => scene.generation() === 3, LIMIT_MS);
  await rm(join(directory, 'more/other.yaml'));
  await waitUntil('the removed file', () => scene.generation() === 4, LIMIT_MS);
  seen.push(await scene.status('other.example.test'));

  assert.deepEqual(seen, [404, 200, 404]);
});

test('a policy that is mounted as Kubernetes does it is taken after the swap', async () => {
  await using mount = await KubernetesMount.create({ 'extra.yaml': '# nothing yet\n' });
  await using scene = await watched();
  await symlink(join(mount.path, 'extra.yaml'), join(scene.gateway.directory, 'extra.yaml'));
  await waitUntil('the link', () => scene.generation() === 2, LIMIT_MS);

  await mount.swap({
    'extra.yaml': 'routes: { other: { host: other.example.test, service: app, auth: public } }\n',
  });
  await waitUntil('the swap', () => scene.generation() === 3, LIMIT_MS);

  assert.equal(await scene.status('other.example.test'), 200);
});

test('a broken file, or an empty one, keeps the running policy, and the errors are shown first', async () => {
  await using scene = await watched();
  const { directory } = scene.gateway;
  const shown: string[] = [];

  for (const text of [
    `${policy()}tiers: { unused: { rate: 1/s } }\nfoo: 1\n`,
    '',
    policy('nobody'),
  ]) {
    await writeFiles(directory, { 'policy.yaml': text });
    await waitUntil('refused', scene.isRefused, LIMIT_MS);
    shown.push((await scene.config()).refused!.errors.split('\n', 1)[0]!);
    assert.equal(await scene.status(), 200);
    await writeFiles(directory, { 'policy.yaml': policy() });
    await waitUntil('good again', () => !scene.isRefused(), LIMIT_MS);
  }

  assert.equal(scene.generation(), 1);
  assert.match(shown[0]!, /error E102: unknown key "foo"/);
  assert.match(shown[1]!, /policy\.yaml: error E013: the file is empty/);
  assert.match(shown[2]!, /error E201/);
});

test('a file without a line end at its end may be half written, so it is taken only when it stays so', async () => {
  await using scene = await watched();
  const cut = policy().replace('auth: public } }\n', 'auth: public, body: 1B } }');

  await writeFiles(scene.gateway.directory, { 'policy.yaml': cut });
  await waitUntil('taken', () => scene.generation() === 2, LIMIT_MS);

  assert.ok(!scene.isRefused());
});

test('a renewed certificate is served beside a broken policy file, under the last good text', async () => {
  await using scene = await watched();
  const { directory } = scene.gateway;
  await writeFiles(directory, { 'policy.yaml': `${policy()}foo: 1\n` });
  await waitUntil('refused', scene.isRefused, LIMIT_MS);
  const { certPem, keyPem } = await issue(await makeCa('next year'), {
    names: ['app.example.test'],
  });

  await writeFiles(directory, { 'certs/tls.crt': certPem, 'certs/tls.key': keyPem });
  await waitUntil('the certificate', () => scene.generation() === 2, LIMIT_MS);
  const { refused } = await scene.config();

  assert.equal(await servedSerial(scene.gateway), new X509Certificate(certPem).serialNumber);
  assert.match(refused!.errors, /^policy\.yaml:.*E102/);
  assert.match(refused!.hash!, /^[0-9a-f]{64}$/);
  assert.ok(scene.isRefused());
});

test('a certificate without its key, a cut-off one and a deleted authority keep what runs, until all is well', async () => {
  const authority = await makeCa('applications');
  const { host, port } = application.address;
  await using scene = await watched({
    policy: `${policy()}  spare: { host: other.example.test, service: spare, auth: public }\n`
      .replace('routes: { app: {', 'routes:\n  app: {')
      .replace('public } }\n', 'public }\n')
      .replace(
        'services: {',
        `services: { spare: { via: tcp, host: ${host}, port: ${port}, tls: { ca: ca.crt } },`,
      ),
    files: { 'ca.crt': authority.certPem },
  });
  const { directory } = scene.gateway;
  const { certPem, keyPem } = await issue(authority, { names: ['app.example.test'] });
  const steps: readonly (() => Promise<void>)[] = [
    () => writeFiles(directory, { 'certs/tls.crt': certPem }),
    () => writeFiles(directory, { 'certs/tls.crt': certPem.slice(0, -30) }),
    () => rm(join(directory, 'ca.crt')),
  ];
  const codes: string[] = [];

  for (const step of steps) {
    const before = (await scene.config()).refused?.errors;
    await step();
    const isOther = async () => (await scene.config()).refused?.errors !== before;
    while (!(await isOther())) await sleep(10);
    codes.push(...(await scene.config()).refused!.errors.match(/E\d{3}/g)!);
    assert.equal(await scene.status(), 200);
  }
  await writeFiles(directory, {
    'ca.crt': authority.certPem,
    'certs/tls.crt': certPem,
    'certs/tls.key': keyPem,
  });
  await waitUntil('all is well', () => scene.generation() === 2 && !scene.isRefused(), LIMIT_MS);

  assert.deepEqual(codes, ['E206', 'E205', 'E205', 'E204']);
  assert.equal(await servedSerial(scene.gateway), new X509Certificate(certPem).serialNumber);
});

test('the file of an answer is taken when it is changed, and one that is gone or too large keeps the last', async () => {
  await using scene = await watched({
    policy:
      'routes: { app: { host: app.example.test, auth: public, respond: { file: later.html } } }\n',
    files: { 'later.html': 'first' },
  });
  const { directory } = scene.gateway;
  const body = async () => (await scene.gateway.request('/later')).body.text();
  const errors = async () => (await scene.config()).refused?.errors ?? '';
  const seen = [await body()];

  await writeFiles(directory, { 'later.html': 'second' });
  await waitUntil('the change', () => scene.generation() === 2, LIMIT_MS);
  seen.push(await body());
  await writeFiles(directory, { 'later.html': 'x'.repeat(65_537) });
  await waitUntil('refused', scene.isRefused, LIMIT_MS);
  seen.push(await body());
  assert.match(await errors(), /E219: later\.html is larger than 65536 octets/);
  await rm(join(directory, 'later.html'));
  while (!/E204: later\.html does not exist/.test(await errors())) await sleep(10);
  seen.push(await body());
  await writeFiles(directory, { 'later.html': 'x'.repeat(65_536) });
  await waitUntil('good again', () => scene.generation() === 3, LIMIT_MS);

  assert.deepEqual(seen, ['first', 'second', 'second', 'second']);
  assert.equal((await body()).length, 65_536);
});

test('a secret that is cut to nothing keeps the last one, and its renewal is taken', async () => {
  await using scene = await watched({
    gateway: `${QUICK}\nsessions: { store: cookie, keys: ["\${file:secrets/key}"] }`,
    files: { 'secrets/key': 'the first key of thirty-two chars' },
  });
  const { directory, gateway } = scene.gateway;
  const key = () => gateway.snapshot.gateway.sessions.keys[0]!.reveal();

  await writeFiles(directory, { 'secrets/key': '' });
  await waitUntil('refused', scene.isRefused, LIMIT_MS);
  const kept = key();
  await writeFiles(directory, { 'secrets/key': 'a second key of thirty-two chars' });
  await waitUntil('the renewal', () => scene.generation() === 2, LIMIT_MS);

  assert.equal(kept, 'the first key of thirty-two chars');
  assert.equal(key(), 'a second key of thirty-two chars');
  assert.ok(!scene.isRefused());
});

test('watch: off leaves changed files until somebody asks', async () => {
  await using scene = await watched({ gateway: 'watch: off' });

  await writeFiles(scene.gateway.directory, {
    'policy.yaml': policy().replace('public', 'public, body: 1B'),
  });
  // Longer than an event and the time of settling take.
  await sleep(1_500);
  const before = scene.generation();
  const outcome = await scene.reloader.reload();

  assert.equal(before, 1);
  assert.deepEqual(outcome, { kind: 'taken', generation: 2 });
});

async function servedSerial({ port }: TestGateway): Promise<string> {
  const servername = 'app.example.test';
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}
