import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadPolicySet } from '../../../src/app/load/load-policy-set.ts';
import { isPortFree } from '../../../demo/ports.ts';
import { DemoProcess, inBash, temporaryFolder } from '../../support/gateway/demo-process.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;
const needsCurl = hasCurl ? {} : { skip: 'curl is not on this machine' };

test('the three printed commands work as printed', needsCurl, async () => {
  await using folder = await temporaryFolder();
  await using demo = await DemoProcess.run([
    '--port',
    '0',
    '--dir',
    join(folder.path, 'd'),
  ]).ready();
  const [open, authorised, burst] = demo.commands;

  const publicAnswer = JSON.parse(await inBash(open!));
  const userAnswer = JSON.parse(await inBash(authorised!));
  const statuses = (await inBash(burst!)).trim().split('\n');

  assert.equal(demo.commands.length, 3);
  const login = `open https://localhost:${demo.gatewayPort}/ and log in as alice with the password `;
  assert.ok(demo.output.includes(login), demo.output);
  assert.ok(!demo.output.includes('access.log'), 'a file that is removed is not named');
  assert.equal(publicAnswer.path, '/public/hello');
  assert.equal(publicAnswer['x-user'], null);
  assert.equal(publicAnswer.host, `localhost:${demo.gatewayPort}`);
  assert.equal(userAnswer['x-user'], 'alice');
  assert.equal(userAnswer['x-tenant'], 'acme');
  assert.equal(statuses.length, 15);
  assert.deepEqual([...new Set(statuses)], ['200', '429']);
});

test('a page that is reloaded five times, icons included, meets no limit', needsCurl, async () => {
  await using folder = await temporaryFolder();
  const dir = join(folder.path, 'd');
  await using demo = await DemoProcess.run(['--port', '0', '--dir', dir]).ready();
  const burst = demo.commands[2]!;

  const pages = await inBash(burst.replace('/burst/[1-15]', '/{page,favicon.ico}?[1-5]'));

  assert.deepEqual(pages.trim().split('\n'), Array<string>(10).fill('200'));
});

test('Ctrl-C stops all of it; --keep leaves a clean policy set; a second start works', async () => {
  await using folder = await temporaryFolder();
  const dir = join(folder.path, 'd');
  await using demo = await DemoProcess.run(['--port', '0', '--dir', dir, '--keep']).ready();

  const first = await demo.stop('SIGINT');
  const free = await Promise.all(demo.ports.map(isPortFree));
  const set = await loadPolicySet(join(dir, 'policies'), { generation: 1, cwd: dir, env: {} });
  await using again = await DemoProcess.run(['--port', '0', '--dir', dir]).ready();
  const second = await again.stop('SIGTERM');

  assert.deepEqual([first.code, first.errors], [0, '']);
  assert.ok(first.output.includes(join(dir, 'access.log')), first.output);
  assert.ok(demo.ports.length >= 5, first.output);
  assert.ok(!free.includes(false), `${demo.ports.join()} ${free.join()}`);
  assert.deepEqual(set.kind === 'ok' && set.warnings, []);
  assert.deepEqual([second.code, second.errors], [0, '']);
  assert.ok(!existsSync(dir));
});

test('a signal during the start ends it and leaves nothing', async () => {
  await using folder = await temporaryFolder();
  const dir = join(folder.path, 'd');
  await using demo = DemoProcess.run(['--port', '0', '--dir', dir]);
  await demo.shows('certificates');

  const { code, errors } = await demo.stop('SIGTERM');

  assert.deepEqual([code, errors], [0, '']);
  assert.deepEqual(demo.commands, []);
  assert.ok(!existsSync(dir));
});

test('a taken port is named, with the way to choose another, and nothing is made', async () => {
  await using folder = await temporaryFolder();
  await using taken = await listening('127.0.0.1');
  const dir = join(folder.path, 'd');
  await using demo = DemoProcess.run(['--port', String(taken.port), '--dir', dir]);

  const { code, errors } = await demo.end();

  assert.equal(code, 1);
  assert.match(errors, new RegExp(`port ${taken.port} on this machine is taken; .*--port \\d+`));
  assert.ok(!existsSync(dir));
});

test('a package that only development brings is asked for in a sentence', async () => {
  const hook = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name === 'oidc-provider') throw new Error('not installed');
      return next(name, context);
    } });`;
  const flag = `--import=data:text/javascript,${encodeURIComponent(hook)}`;
  await using demo = DemoProcess.run(['--port', '0'], [flag]);

  const { code, output, errors } = await demo.end();

  assert.deepEqual([code, output], [1, '']);
  assert.match(errors, /needs oidc-provider, not installed here: .*"npm start" in a clone/);
});

async function listening(host: string): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
