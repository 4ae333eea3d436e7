import assert from 'node:assert/strict';
import test from 'node:test';
import type { KeyValueStore } from '../../../src/store/key-value-store.ts';
import { waitUntil } from '../tools/wait-until.ts';

export interface StoreUnderTest extends AsyncDisposable {
  readonly store: KeyValueStore;
  /** A second replica's view of the same data. */
  readonly other: KeyValueStore;
  /** Lets `ms` pass for the store. */
  readonly pass: (ms: number) => void | Promise<void>;
}

/** What every `KeyValueStore` does, whatever keeps its data. */
export function storeContract(
  name: string,
  open: () => Promise<StoreUnderTest>,
  skip: string | false = false,
): void {
  const check = (does: string, run: (under: StoreUnderTest) => Promise<void>) =>
    test(`${name} ${does}`, { skip }, async () => {
      await using under = await open();
      await run(under);
    });

  check('gives back what was set, until its end', async ({ store, other, pass }) => {
    await store.set('a:1', 'héllo', { ttlMs: 200 });

    assert.equal(await other.get('a:1'), 'héllo');
    await pass(250);
    assert.equal(await store.get('a:1'), undefined);
  });

  check('sets if absent once only', async ({ store, other }) => {
    const first = await store.set('a:1', 'x', { ttlMs: 60_000, ifAbsent: true });
    const second = await other.set('a:1', 'y', { ttlMs: 60_000, ifAbsent: true });

    assert.deepEqual([first, second, await store.get('a:1')], [true, false, 'x']);
  });

  check('replaces only what is as expected', async ({ store, other }) => {
    await store.set('a:1', 'x', { ttlMs: 60_000 });

    const right = await other.compareAndSet('a:1', { expected: 'x', value: 'y', ttlMs: 60_000 });
    const stale = await store.compareAndSet('a:1', { expected: 'x', value: 'z', ttlMs: 60_000 });
    const gone = await store.compareAndSet('a:2', { expected: 'x', value: 'z', ttlMs: 60_000 });

    assert.deepEqual([right, stale, gone], [true, false, false]);
    assert.equal(await store.get('a:1'), 'y');
    assert.equal(await store.get('a:2'), undefined);
  });

  check('extends what is there and nothing else', async ({ store, pass }) => {
    await store.set('a:1', 'x', { ttlMs: 200 });

    assert.equal(await store.extend('a:1', 60_000), true);
    assert.equal(await store.extend('a:2', 60_000), false);
    await pass(250);
    assert.equal(await store.get('a:1'), 'x');
  });

  check('deletes, with an expectation only while it holds', async ({ store }) => {
    await store.set('a:1', 'x', { ttlMs: 60_000 });

    assert.equal(await store.delete('a:1', 'y'), false);
    assert.equal(await store.get('a:1'), 'x');
    assert.equal(await store.delete('a:1', 'x'), true);
    assert.equal(await store.delete('a:1'), false);
  });

  check('keeps sets whose members end one by one', async ({ store, other, pass }) => {
    await store.addMember('s:1', 'short', 200);
    await store.addMember('s:1', 'long', 60_000);
    await store.addMember('s:1', 'removed', 60_000);
    await other.removeMember('s:1', 'removed');

    assert.deepEqual([...(await other.members('s:1'))].sort(), ['long', 'short']);
    await pass(250);
    assert.deepEqual(await store.members('s:1'), ['long']);
    assert.deepEqual(await store.members('s:2'), []);
  });

  check('tells every replica what is published', async ({ store, other }) => {
    const heard: string[] = [];
    const listener = (who: string) => ({
      message: (text: string) => void heard.push(`${who} ${text}`),
      gap: () => {},
    });
    store.subscribe('news', listener('one'));
    other.subscribe('news', listener('two'));

    // Subscribing takes a moment where a connection is between.
    await waitUntil('both have heard', () => {
      Promise.resolve(store.publish('news', 'hello')).catch(() => {});
      return heard.includes('one hello') && heard.includes('two hello');
    });
  });

  check('refuses a time to live that is none', async ({ store }) => {
    await assert.rejects(async () => store.set('a:1', 'x', { ttlMs: 0 }), RangeError);
    await assert.rejects(async () => store.set('a:1', 'x', { ttlMs: Number.NaN }), RangeError);
  });

  check('fails after it was closed', async ({ store }) => {
    await store.close();
    await store.close();

    await assert.rejects(async () => store.get('a:1'), { code: 'store_unavailable' });
  });
}
