import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayProcess } from '../../support/gateway/gateway-process.ts';
import { writeFiles } from '../../support/policy/policy-set.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const POLICY = `
services: { app: { via: tcp, host: 127.0.0.1, port: 1 } }
routes: { app: { host: app.example.test, service: app, auth: public } }
tests:
  - name: everybody may come in
    request: { url: https://app.example.test/ }
    expect: { outcome: allow }
`;

test('--test-on-reload: a set whose test fails is refused, and one whose tests pass is taken', async () => {
  await using gateway = await GatewayProcess.start({ policy: POLICY, flags: ['--test-on-reload'] });

  await reload(
    gateway,
    POLICY.replace('outcome: allow', 'outcome: refuse'),
    'policy not reloaded: the running one was kept',
  );
  const refused = JSON.parse((await gateway.admin('/-/config')).text);
  await reload(
    gateway,
    POLICY.replace('auth: public', 'auth: public, body: 1KiB'),
    'policy reloaded',
  );
  const taken = JSON.parse((await gateway.admin('/-/config')).text);

  assert.equal(refused.running.generation, 1);
  assert.match(
    refused.refused.errors,
    /policy\.yaml:\d+:5: error E501: the test "everybody may come in" fails: outcome: expected refuse, found allow/,
  );
  assert.equal(taken.running.generation, 2);
});

test('without the flag a reload runs no tests', async () => {
  await using gateway = await GatewayProcess.start({ policy: POLICY });

  await reload(gateway, POLICY.replace('outcome: allow', 'outcome: refuse'), 'policy reloaded');

  assert.equal(gateway.log('policy not reloaded: the running one was kept'), undefined);
});

async function reload(gateway: GatewayProcess, policy: string, message: string): Promise<void> {
  await writeFiles(gateway.directory, { 'policy.yaml': policy });
  gateway.child.kill('SIGHUP');
  await waitUntil(message, () => gateway.log(message) !== undefined);
}
