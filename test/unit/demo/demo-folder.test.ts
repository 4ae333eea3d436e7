import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { DemoFolder } from '../../../demo/demo-folder.ts';
import { temporaryFolder } from '../../support/gateway/demo-process.ts';

test('what it writes is for its user alone', async () => {
  await using place = await temporaryFolder();
  const folder = await DemoFolder.open(join(place.path, 'd'));

  folder.write('policies/secrets/link.yaml', 'key');

  const modeOf = (name: string) => statSync(folder.path(name)).mode & 0o777;
  assert.equal(modeOf('.'), 0o700);
  assert.equal(modeOf('policies/secrets'), 0o700);
  assert.equal(modeOf('policies/secrets/link.yaml'), 0o600);
});

test('removing leaves nothing of its own', async () => {
  await using place = await temporaryFolder();
  const folder = await DemoFolder.open(join(place.path, 'd'));
  folder.write('policies/certs/gateway/tls.key', 'key');
  writeFileSync(folder.claim('access.log'), 'line');

  assert.equal(folder.remove(), true);

  assert.ok(!existsSync(folder.root));
});

test('removing leaves what somebody else put there', async () => {
  await using place = await temporaryFolder();
  const folder = await DemoFolder.open(join(place.path, 'd'));
  folder.write('policies/routes.yaml', 'ours');
  writeFileSync(folder.path('policies/mine.yaml'), 'mine');

  assert.equal(folder.remove(), false);

  assert.ok(!existsSync(folder.path('policies/routes.yaml')));
  assert.equal(readFileSync(folder.path('policies/mine.yaml'), 'utf8'), 'mine');
});

test('a folder of an earlier demo is taken over, with the files it left', async () => {
  await using place = await temporaryFolder();
  const earlier = await DemoFolder.open(join(place.path, 'd'));
  earlier.write('router/a.json', 'old');
  earlier.release();

  const folder = await DemoFolder.open(earlier.root);

  assert.equal(folder.remove(), true);
});

test('a folder with the files of somebody else is refused and left as it is', async () => {
  await using place = await temporaryFolder();
  writeFileSync(join(place.path, 'thesis.txt'), 'mine');

  const opened = DemoFolder.open(place.path);

  await assert.rejects(opened, /holds files that no demo made; choose another folder with --dir/);
  assert.equal(readFileSync(join(place.path, 'thesis.txt'), 'utf8'), 'mine');
  assert.ok(!existsSync(join(place.path, 'fairlead-demo.json')));
});

test('a file in the place of the folder is refused', async () => {
  await using place = await temporaryFolder();
  writeFileSync(join(place.path, 'd'), '');

  await assert.rejects(DemoFolder.open(join(place.path, 'd')), /is not a folder/);
});

test('a folder that a running demo uses is refused until its port is free', async () => {
  await using place = await temporaryFolder();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const marker = { pid: process.ppid, port, files: [] };
  writeFileSync(join(place.path, 'fairlead-demo.json'), JSON.stringify(marker));

  const whileUsed = DemoFolder.open(place.path);

  await assert.rejects(whileUsed, new RegExp(`process ${process.ppid}, port ${port}`));
  await new Promise((resolve) => server.close(resolve));
  assert.equal((await DemoFolder.open(place.path)).root, place.path);
});

test('a marker cannot make it remove files elsewhere', async () => {
  await using place = await temporaryFolder();
  const root = join(place.path, 'd');
  mkdirSync(root);
  writeFileSync(join(place.path, 'outside'), 'mine');
  const marker = { pid: 0, port: 0, files: ['../outside', 'a/../../outside', '/etc/hostname'] };
  writeFileSync(join(root, 'fairlead-demo.json'), JSON.stringify(marker));

  (await DemoFolder.open(root)).remove();

  assert.ok(existsSync(join(place.path, 'outside')));
});
