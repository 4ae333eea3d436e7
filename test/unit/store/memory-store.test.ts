import assert from 'node:assert/strict';
import test from 'node:test';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { storeContract } from '../../support/contracts/store-contract.ts';

storeContract('the memory store', async () => {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  return {
    store,
    other: store,
    pass: (ms) => clock.advance(ms),
    [Symbol.asyncDispose]: () => store.close(),
  };
});

test('the memory store answers in the same turn', () => {
  const store = new MemoryStore(new FakeClock());

  assert.equal(store.set('a:1', 'x', { ttlMs: 1000 }), true);
  assert.equal(store.get('a:1'), 'x');
});

test('a full namespace refuses, and leaves others and what it holds alone', () => {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  const value = 'x'.repeat(1024 * 1024);
  const fill = (namespace: string) => {
    for (let i = 0; i < 100; i += 1) store.set(`${namespace}:${i}`, value, { ttlMs: 1000 });
  };

  assert.throws(() => fill('plugin.corp'), { code: 'store_full' });

  assert.equal(store.get('plugin.corp:0'), value);
  assert.equal(store.set('plugin.other:1', value, { ttlMs: 1000 }), true);
  assert.equal(store.set('session:1', value, { ttlMs: 1000 }), true);
});

test('what has ended makes room', () => {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  const value = 'x'.repeat(1024 * 1024);
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 10; i += 1) {
      store.set(`plugin.corp:${round}.${i}`, value, { ttlMs: 1000 });
    }

    clock.advance(1000);
  }

  assert.equal(store.get('plugin.corp:9.9'), undefined);
});

test('members that ended leave nothing behind', () => {
  const clock = new FakeClock();
  const store = new MemoryStore(clock);
  store.addMember('s:1', 'a', 1000);

  clock.advance(1000);
  // Members are swept a few with each write.
  store.addMember('s:2', 'b', 1000);

  assert.deepEqual(store.members('s:1'), []);
  assert.deepEqual(store.members('s:2'), ['b']);
});

test('each kind of a plugin’s keys has room of its own, and more kinds than eight share the rest', () => {
  const store = new MemoryStore(new FakeClock());
  const value = 'x'.repeat(1024 * 1024);
  const fill = (kind: string) => {
    for (let i = 0; i < 100; i += 1) {
      store.set(`plugin.corp:9:${kind}.${i}`, value, { ttlMs: 1000 });
    }
  };
  const kinds = 'abcdefghij'.split('');

  for (const kind of kinds.slice(0, 9)) assert.throws(() => fill(kind), { code: 'store_full' });

  const late = () => store.set('plugin.corp:9:j.0', value, { ttlMs: 1000 });
  assert.throws(late, { code: 'store_full' }, 'the tenth finds the rest full');
  assert.equal(store.get('plugin.corp:9:a.0'), value);
  assert.equal(store.set('plugin.other:9:a.0', value, { ttlMs: 1000 }), true);
});
