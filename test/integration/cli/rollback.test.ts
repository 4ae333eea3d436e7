import assert from 'node:assert/strict';
import { readFile, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Generations } from '../../../src/app/state/generations.ts';
import { openGenerations } from '../../../src/app/state/open-generations.ts';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { watchFiles } from '../../support/gateway/watched-gateway.ts';
import { writeFiles } from '../../support/policy/policy-set.ts';
import { waitUntil } from '../../support/tools/wait-until.ts';

const SECRET = 'a secret key of thirty-two characters';

async function scene() {
  const application = await Application.start();
  const { host, port } = application.address;
  const policy = (body: string) => `
services: { app: { via: tcp, host: ${host}, port: ${port} } }
routes: { app: { host: app.example.test, service: app, auth: public, body: ${body} } }
`;
  const gateway = await TestGateway.start({
    policy: policy('1KiB'),
    gateway: `watch: { settle: 50ms, poll: 60s }
state: state
sessions: { store: cookie, keys: ["\${file:secrets/key}"] }`,
    files: { 'secrets/key': SECRET },
  });
  const { directory } = gateway;
  const open = () =>
    openGenerations({ directory, cwd: directory, env: {}, log: undefined as never });
  const generations = (await open())!;
  const reloader = await watchFiles(gateway, generations);
  const bodyOf = () => {
    const { exact } = gateway.gateway.snapshot.routes;
    return exact.get('app.example.test')!.rules[0]!.bodyBytes;
  };
  return {
    gateway,
    directory,
    generations,
    reloader,
    bodyOf,
    open,
    /** Writes another policy and waits until the watch has it served. */
    write: async (body: string) => {
      const { generation } = gateway.gateway.snapshot;
      await writeFiles(directory, { 'policy.yaml': policy(body) });
      await waitUntil('served', () => gateway.gateway.snapshot.generation > generation);
    },
    writeOnly: (body: string) => writeFiles(directory, { 'policy.yaml': policy(body) }),
    async [Symbol.asyncDispose]() {
      reloader.stop();
      await gateway[Symbol.asyncDispose]();
      await application[Symbol.asyncDispose]();
    },
  };
}

test('an earlier policy is served until it is released; the watch does not undo it, a restart neither', async () => {
  await using s = await scene();
  await s.write('2KiB');
  await s.write('3KiB');

  const toSecond = await s.reloader.rollback();
  const second = s.bodyOf();
  const toFirst = await s.reloader.rollback(1);
  const first = s.bodyOf();
  await s.writeOnly('4KiB');
  // Longer than an event and the time of settling take.
  await new Promise((resolve) => setTimeout(resolve, 700));
  const afterTheWatch = s.bodyOf();
  const restarted = (await s.open())!;
  const released = await s.reloader.release();

  assert.deepEqual([toSecond.kind, toFirst.kind, released.kind], ['taken', 'taken', 'taken']);
  assert.deepEqual([second, first, afterTheWatch, s.bodyOf()], [2048, 1024, 1024, 4096]);
  assert.equal(restarted.pinned, 1);
  assert.equal(s.generations.pinned, undefined);
});

test('a renewed secret is taken under an earlier policy, and its text stays', async () => {
  await using s = await scene();
  await s.write('2KiB');
  await s.reloader.rollback(1);
  const { generation } = s.gateway.gateway.snapshot;

  await writeFiles(s.directory, { 'secrets/key': 'another key of thirty-two characters' });
  await waitUntil('renewed', () => s.gateway.gateway.snapshot.generation > generation);

  const [key] = s.gateway.gateway.snapshot.gateway.sessions.keys;
  assert.equal(key!.reveal(), 'another key of thirty-two characters');
  assert.equal(s.bodyOf(), 1024);
});

test('fails, and changes nothing, where material of the earlier policy is missing or it is not kept', async () => {
  await using s = await scene();
  await s.write('2KiB');
  await rename(join(s.directory, 'secrets/key'), join(s.directory, 'secrets/gone'));

  const missing = await s.reloader.rollback(1);
  const unknown = await s.reloader.rollback(77);

  assert.equal(missing.kind, 'refused');
  assert.match(
    missing.kind === 'refused' ? missing.errors : '',
    /E204: .*secrets\/key does not exist/,
  );
  assert.match(
    unknown.kind === 'refused' ? unknown.errors : '',
    /generation 77 is not kept; there are 1, 2/,
  );
  assert.equal(s.bodyOf(), 2048);
  assert.equal(s.generations.pinned, undefined);
});

test('the last ten texts are kept, for their owner alone, without what a secret file holds', async () => {
  await using s = await scene();
  for (let n = 2; n <= 12; n += 1) await s.write(`${n}KiB`);
  // One thing after another: the last one is kept when this is answered.
  await s.reloader.rollback(77);
  const folder = join(s.directory, 'state/generations');
  const names = await readdir(folder);

  const modes = await Promise.all(
    [join(s.directory, 'state'), folder, join(folder, names[0]!)].map(async (path) =>
      ((await stat(path)).mode & 0o777).toString(8),
    ),
  );
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));

  assert.deepEqual(
    s.generations.list.map(({ generation }) => generation),
    [3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
  );
  assert.equal(names.length, 10);
  assert.deepEqual(modes, ['700', '700', '600']);
  assert.ok(!texts.join().includes(SECRET));
  assert.ok(!texts.join().includes('PRIVATE KEY'));
  assert.match(texts[0]!, /"material":\{"[^"]+":"[0-9a-f]{64}"/);
});

test('a reload of the same text keeps what was before it', async () => {
  await using s = await scene();
  await s.write('2KiB');

  for (let n = 0; n < 12; n += 1) await s.reloader.reload();

  assert.deepEqual(
    s.generations.list.map(({ generation }) => generation),
    [1, 14],
  );
  assert.ok(s.generations instanceof Generations);
});
