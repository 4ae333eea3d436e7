import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Application } from '../../support/applications/application.ts';
import { GatewayProcess } from '../../support/gateway/gateway-process.ts';
import { writeFiles } from '../../support/policy/policy-set.ts';

/** Something of ours that fails outside of every exchange, when the test says so. */
const DEFECTS = {
  uncaughtException: 'process.on("SIGUSR2", () => { throw new Error("broken"); });',
  unhandledRejection: 'process.on("SIGUSR2", () => { Promise.reject(new Error("broken")); });',
};

for (const [origin, code] of Object.entries(DEFECTS)) {
  test(`an error that nothing handles (${origin}) ends the process, and the log says so`, async () => {
    await using application = await Application.start();
    const { host, port } = application.address;
    await using gateway = await GatewayProcess.start({
      policy: `
services: { app: { via: tcp, host: ${host}, port: ${port} } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
      imports: [`data:text/javascript,${encodeURIComponent(code)}`],
    });
    await (await gateway.request('/')).body.dump();

    gateway.child.kill('SIGUSR2');
    const exit = await gateway.exit();

    const line = gateway.log('stopped by an unhandled error: this is a bug in the gateway');
    assert.equal(exit, 70);
    assert.equal(line?.['level'], 'error');
    assert.equal(line?.['origin'], origin);
    assert.match(String(line?.['stack']), /Error: broken\n +at /);
    assert.equal(gateway.accessLines.length, 1);
  });
}

test('a bad policy whose errors nobody can read ends no gateway that serves', async () => {
  await using gateway = await GatewayProcess.start({
    policy: 'routes: { app: { host: app.example.test, service: app, auth: public } }\n',
    waitUntilReady: false,
  });
  const { adminPort } = gateway;
  const config = async () => (await fetch(`http://127.0.0.1:${adminPort}/-/config`)).text();

  gateway.child.stderr!.destroy();
  await writeFiles(gateway.directory, { 'policy.yaml': 'rutes: {}\n' });
  gateway.child.kill('SIGHUP');
  let shown = '';
  for (let tries = 0; tries < 250 && !gateway.hasExited && !shown.includes('rutes'); tries += 1) {
    await sleep(20);
    shown = await config();
  }

  assert.match(shown, /rutes/);
  assert.equal(gateway.hasExited, false);
});
