import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, test } from 'node:test';
import { AdminServer } from '../../../src/admin/admin-server.ts';
import { adminPolicy, adminSources } from '../../support/gateway/admin.ts';
import { writeFiles } from '../../support/policy/policy-set.ts';

let folder: string;
let admin: AdminServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-health-'));
  admin = await AdminServer.start(adminPolicy(), adminSources());
});

afterEach(async () => {
  await admin[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('asks the admin listener that the policy names, also while the rest of the set is wrong', async () => {
  const set = (listen: string) => ({
    'policies/gateway.yaml': `version: 1\ngateway: { admin: { listen: ${listen} }, certificates: [none] }\nroutes: 7\n`,
  });
  for (const listen of [`${admin.port}`, `"127.0.0.1:${admin.port}"`, `"0.0.0.0:${admin.port}"`]) {
    await writeFiles(folder, set(listen));

    assert.deepEqual(await health(), { code: 0, errors: '' }, listen);
  }
});

test('says where it asked when nobody answers, and that a free port is not known', async () => {
  await writeFiles(folder, {
    'policies/a.yaml': 'gateway: { admin: { listen: "127.0.0.1:1" } }\n',
  });
  const refused = await health();
  await writeFiles(folder, {
    'policies/a.yaml': 'gateway: { admin: { listen: "127.0.0.1:0" } }\n',
  });
  const unknown = await health();
  const given = await health('--admin', `127.0.0.1:${admin.port}`);

  assert.equal(refused.code, 1);
  assert.match(refused.errors, /^fairlead: 127\.0\.0\.1:1: .*ECONNREFUSED/);
  assert.equal(unknown.code, 2);
  assert.match(unknown.errors, /no port .* in gateway\.admin\.listen; name it with --admin/);
  assert.deepEqual(given, { code: 0, errors: '' });
});

async function health(...args: string[]) {
  const main = join(import.meta.dirname, '../../../src/main.ts');
  const child = spawn(process.execPath, ['--conditions=source', main, 'health', ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
  });
  const [, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  return { code: child.exitCode, errors };
}
