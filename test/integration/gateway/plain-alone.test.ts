import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Gateway } from '../../../src/app/gateway.ts';
import { BUILT_IN_PLUGINS } from '../../../src/app/load/built-in-plugins.ts';
import { loadPolicySet } from '../../../src/app/load/load-policy-set.ts';
import { systemClock } from '../../../src/app/system-clock.ts';
import { createLog } from '../../../src/record/log.ts';
import { askPlainly } from '../../support/clients/plain-asking.ts';
import { writeFiles } from '../../support/policy/policy-set.ts';

const LISTEN = 'plain: { address: "127.0.0.1:0", from: [127.0.0.1] }';
const ROUTES =
  '{ app: { host: app.example.test, auth: public, respond: { body: "here" } }, old: { host: old.example.test, auth: public, redirect: { host: app.example.test } } }';

async function load(listen: string, routes = ROUTES) {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-plain-'));
  await writeFiles(directory, {
    'all.yaml': `version: 1\ngateway: { listen: { ${listen} }, admin: { listen: "127.0.0.1:0" } }\nroutes: ${routes}\n`,
  });
  const options = { generation: 1, cwd: directory, env: {}, builtIns: BUILT_IN_PLUGINS };
  const set = await loadPolicySet(directory, options);
  await rm(directory, { recursive: true });
  assert.equal(set.kind, 'ok');
  return set;
}

test('listen.plain alone: no https port is bound, and redirects lead to the port of the balancer', async () => {
  const set = await load(LISTEN);
  const gateway = await Gateway.start({
    set,
    clock: systemClock,
    log: createLog({ level: 'error', format: 'json', destination: { write() {} } }),
    accessLog: () => undefined,
    version: '0.0.0-test',
  });
  try {
    const ask = (host: string, scheme: string) =>
      askPlainly({
        port: gateway.plain!.port,
        host,
        version: '1.1',
        fields: [['x-forwarded-proto', scheme]],
      });

    const served = await ask('app.example.test', 'https');
    const unsecured = await ask('app.example.test', 'http');
    const moved = await ask('old.example.test', 'https');

    assert.equal(gateway.https, undefined);
    assert.equal(served.status, 200);
    const locations = [unsecured, moved].map(({ fields }) => fields['location']);
    assert.deepEqual(locations, ['https://app.example.test/', 'https://app.example.test/']);
    assert.deepEqual(set.warnings, []);
  } finally {
    await gateway.stop();
  }
});

test('an https port is there where it is named, or where a route passes TLS on', async () => {
  const named = await load(`https: 9443, ${LISTEN}`);
  const passing = await load(
    LISTEN,
    '{ mail: { host: mail.example.test, service: "https://127.0.0.1:1", passthrough: true } }',
  );

  const ports = [named, passing].map(({ snapshot }) => snapshot.gateway.listen.https?.port);
  assert.deepEqual(ports, [9443, 8443]);
});
