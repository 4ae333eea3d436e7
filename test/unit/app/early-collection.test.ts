import assert from 'node:assert/strict';
import test from 'node:test';
import { EarlyCollection } from '../../../src/app/early-collection.ts';

const MEBIBYTE = 1024 * 1024;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('collects once for every sixteen mebibytes that moved', async () => {
  let collections = 0;
  const collection = new EarlyCollection(() => (collections += 1));

  for (let i = 0; i < 15; i += 1) collection.moved(MEBIBYTE);
  await turn();
  const before = collections;
  for (let i = 0; i < 17; i += 1) collection.moved(MEBIBYTE);
  await turn();

  assert.equal(before, 0);
  assert.equal(collections, 2);
});

test('reaches the collector of the process, and leaves no gc among its globals', async () => {
  const collection = new EarlyCollection();

  collection.moved(16 * MEBIBYTE);
  await turn();

  assert.equal('gc' in globalThis, false);
});
