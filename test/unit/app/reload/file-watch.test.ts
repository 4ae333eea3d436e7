import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileWatch } from '../../../../src/app/reload/file-watch.ts';
import { factsNow } from '../../../../src/policy/source/file-facts.ts';
import type { Facts } from '../../../../src/policy/source/file-facts.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { KubernetesMount } from '../../../support/policy/kubernetes-mount.ts';
import { waitUntil } from '../../../support/tools/wait-until.ts';

const PAIR = { 'tls.crt': 'CERT', 'tls.key': 'KEY' };
const POLICY = { settleMs: 500, pollMs: 10_000 };

/** Without events of the system: `event` stands for one. */
async function watching(paths: readonly string[], policy: typeof POLICY | undefined = POLICY) {
  const clock = new FakeClock();
  let known: Facts = await factsNow(new Map(paths.map((path) => [path, ''])));
  let changes = 0;
  let event = (): void => {};
  const watch = new FileWatch({
    clock,
    policy: () => policy,
    known: () => known,
    onChange: () => (changes += 1),
    events: (onEvent) => {
      event = onEvent;
      return { watch: () => Promise.resolve(), close: () => {} };
    },
  });
  await watch.renew();
  return {
    clock,
    watch,
    changes: () => changes,
    event: () => event(),
    /** Somebody read the files. */
    read: async () => {
      known = await factsNow(known);
      await watch.renew();
    },
    /** Time passes, and a look that falls due in it ends. */
    pass: async (ms: number) => {
      clock.advance(ms);
      await waitUntil('the look is over', () => clock.pendingCount === 1);
    },
  };
}

function namesOf({ path }: KubernetesMount): readonly string[] {
  return Object.keys(PAIR).map((name) => join(path, name));
}

test('without an event, a swapped mount is seen within the time of the polling, and told of once', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const { pass, changes } = await watching(namesOf(mount));
  await pass(500);

  await mount.swap({ 'tls.crt': 'CERT2', 'tls.key': 'KEY2' });
  await pass(9_999);
  const before = changes();
  await pass(1);
  await pass(500);
  await pass(10_000);

  assert.equal(before, 0);
  assert.equal(changes(), 1);
});

test('a link that is swapped further up is seen, although no folder of a file has an event', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  await using other = await KubernetesMount.create(PAIR);
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-watch-'));
  await symlink(mount.path, join(folder, 'current'));
  const { pass, changes } = await watching([join(folder, 'current', 'tls.crt')]);

  await symlink(other.path, join(folder, 'next'));
  await rename(join(folder, 'next'), join(folder, 'current'));
  await pass(10_000);
  await pass(500);
  await rm(folder, { recursive: true });

  assert.equal(changes(), 1);
});

test('after an event, files that stay the same for the time of settling are told of', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const { pass, changes, event } = await watching(namesOf(mount));
  await pass(500);

  await mount.swap({ 'tls.crt': 'CERT2', 'tls.key': 'KEY2' });
  event();
  await pass(499);
  const before = changes();
  await pass(1);

  assert.equal(before, 0);
  assert.equal(changes(), 1);
});

test('what changed between the reading and the start is told of', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const scene = await watching(namesOf(mount));

  await mount.swap({ 'tls.crt': 'CERT2', 'tls.key': 'KEY2' });
  await scene.pass(500);
  await scene.pass(500);

  assert.equal(scene.changes(), 1);
});

test('waits while files are still being written', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const { pass, changes, event } = await watching(namesOf(mount));
  await pass(500);

  await writeFile(join(mount.path, 'tls.crt'), 'another one');
  event();
  await pass(400);
  await writeFile(join(mount.path, 'tls.key'), 'and its key');
  event();
  await pass(100);
  const whileWriting = changes();
  await pass(500);

  assert.equal(whileWriting, 0);
  assert.equal(changes(), 1);
});

test('what was read is known, and the next change is told of again', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const { pass, changes, event, read } = await watching(namesOf(mount));
  await pass(500);

  for (const text of ['one', 'two']) {
    await mount.swap({ 'tls.crt': text, 'tls.key': text });
    event();
    await pass(500);
    await read();
    await pass(500);
  }

  assert.equal(changes(), 2);
});

test('tells of a file that is gone, of one that is new in a folder, and of nothing when stopped', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const { pass, changes, watch, clock, read } = await watching([...namesOf(mount), mount.path]);
  await pass(500);

  await rm(join(mount.path, 'tls.key'));
  await pass(10_000);
  await pass(500);
  await read();
  await writeFile(join(mount.path, 'new.yaml'), '');
  await pass(500);
  await pass(500);
  watch.stop();

  assert.equal(changes(), 2);
  assert.equal(clock.pendingCount, 0);
});

test('off: no look and no timer', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const clock = new FakeClock();
  const watch = new FileWatch({
    clock,
    policy: () => undefined,
    known: () => new Map(namesOf(mount).map((path) => [path, ''])),
    onChange: () => assert.fail(),
  });

  await watch.renew();

  assert.equal(clock.pendingCount, 0);
  watch.stop();
});
