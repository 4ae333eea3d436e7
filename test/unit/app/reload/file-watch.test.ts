import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileWatch } from '../../../../src/app/reload/file-watch.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { KubernetesMount } from '../../../support/policy/kubernetes-mount.ts';
import { waitUntil } from '../../../support/tools/wait-until.ts';

const PAIR = { 'tls.crt': 'CERT', 'tls.key': 'KEY' };

async function watching(mount: KubernetesMount, readMs = Date.now() + 60_000) {
  const clock = new FakeClock();
  let changes = 0;
  const files = () => Object.keys(PAIR).map((name) => join(mount.path, name));
  const watch = new FileWatch({ clock, everyMs: 1_000, files, onChange: () => (changes += 1) });
  await watch.start(readMs);
  return {
    clock,
    watch,
    changes: () => changes,
    /** The next look, whole. */
    look: async () => {
      clock.advance(1_000);
      await waitUntil('the look is over', () => clock.pendingCount === 1);
    },
  };
}

test('tells of a swapped mount once, at the second look that finds it the same', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const { look, changes } = await watching(mount);
  await look();

  await mount.swap({ 'tls.crt': 'CERT2', 'tls.key': 'KEY2' });
  await look();
  const atFirst = changes();
  await look();
  await look();

  assert.equal(atFirst, 0);
  assert.equal(changes(), 1);
});

test('tells of what changed between the reading and the start', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const readMs = Date.now() - 60_000;

  const { look, changes } = await watching(mount, readMs);
  await look();
  await look();

  assert.equal(changes(), 1);
});

test('waits while files are still being written', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const { look, changes } = await watching(mount);
  await look();

  await writeFile(join(mount.path, 'tls.crt'), 'another one');
  await look();
  await writeFile(join(mount.path, 'tls.key'), 'and its key');
  await look();
  const whileWriting = changes();
  await look();

  assert.equal(whileWriting, 0);
  assert.equal(changes(), 1);
});

test('tells of a file that is gone, and says nothing when stopped', async () => {
  await using mount = await KubernetesMount.create(PAIR);
  const { look, changes, watch, clock } = await watching(mount);
  await look();

  await rm(join(mount.path, 'tls.key'));
  await look();
  await look();
  watch.stop();

  assert.equal(changes(), 1);
  assert.equal(clock.pendingCount, 0);
});
