import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Context } from '../../../src/plugin/contract.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Cluster, Replica, optionsFor, viewOf } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { expiredSession, kinds } from '../../support/oidc/refresh-scene.ts';
import type { RefreshScene } from '../../support/oidc/refresh-scene.ts';

/** Replicas of the scene whose contexts are changed. */
async function replicasOf(
  { cluster, provider }: RefreshScene,
  change: (honest: Context) => Partial<Context>,
): Promise<readonly [Replica, Replica, AsyncDisposableStack]> {
  changeContexts(cluster, change);
  const options = optionsFor(provider.url, { scopes: ['openid', 'offline_access'] });
  const stack = new AsyncDisposableStack();
  const one = stack.use(await Replica.start(options, cluster));
  const two = stack.use(await Replica.start(options, cluster));
  return [one, two, stack];
}

function changeContexts(cluster: Cluster, change: (honest: Context) => Partial<Context>): void {
  const original = cluster.context.bind(cluster);
  cluster.context = (name, signal) => {
    const honest = original(name, signal);
    return { ...honest, ...change(honest) };
  };
}

/** Each run goes on at once, as when the lease of the one before was lost. */
const withoutLeases = (): Partial<Context> => ({
  singleFlight: (_key, _ttlMs, work) => work(new AbortController().signal),
});

test('replicas that lost their leases send a refresh token once all the same', async () => {
  await using scene = await expiredSession();
  const [one, two, stack] = await replicasOf(scene, withoutLeases);
  await using _parts = stack;
  scene.provider.tokenDelayMs = 50;

  const results = await Promise.all([one.authenticate(scene.view), two.authenticate(scene.view)]);

  assert.equal(scene.provider.tokenRequests, 1);
  assert.deepEqual(kinds(results), ['identity']);
  assert.equal(scene.cluster.sessions.count, 1);
});

test('runs of one process whose lease was lost share the token request', async () => {
  await using scene = await expiredSession();
  const [one, , stack] = await replicasOf(scene, withoutLeases);
  await using _parts = stack;
  scene.provider.tokenDelayMs = 300;

  const results = await Promise.all([one.authenticate(scene.view), one.authenticate(scene.view)]);

  assert.equal(scene.provider.tokenRequests, 1);
  assert.deepEqual(kinds(results), ['identity']);
});

test('reuse of a rotated token logs nobody out while a sibling has the new one', async () => {
  await using scene = await expiredSession();
  // Leases and marks are lost: each sends the same refresh token, and the provider refuses one.
  const [one, two, stack] = await replicasOf(scene, ({ store }) => ({
    ...withoutLeases(),
    store: {
      get: (key) => store.get(key),
      delete: (key) => store.delete(key),
      set: async (key, value, options) =>
        key.startsWith('refreshing.') || store.set(key, value, options),
    },
  }));
  await using _parts = stack;
  scene.provider.tokenDelayMs = 50;

  const results = await Promise.all([one.authenticate(scene.view), two.authenticate(scene.view)]);

  assert.equal(scene.provider.tokenRequests, 2);
  assert.deepEqual(kinds(results), ['identity']);
  assert.equal(scene.cluster.sessions.count, 1);
});

test('a sibling whose answer takes longer than a few looks is waited for', async () => {
  await using provider = await MisbehavingProvider.start();
  const cluster = new Cluster();
  changeContexts(cluster, withoutLeases);
  await using one = await Replica.start(optionsFor(provider.url), cluster);
  await using two = await Replica.start(optionsFor(provider.url), cluster);
  const browser = new TestBrowser(one);
  await browser.open('/');
  cluster.offsetMs = 301_000;
  provider.tokenRequests.length = 0;
  provider.tokenAnswer = (_request, response) => {
    const isFirst = provider.tokenRequests.length === 1;
    const tokens = { access_token: 'a', token_type: 'Bearer', refresh_token: 'new' };
    response.setHeader('content-type', 'application/json');
    if (!isFirst) response.writeHead(400).end('{"error":"invalid_grant"}');
    else setTimeout(() => response.end(JSON.stringify(tokens)), 1500);
  };
  const cookies = new Map([...browser.cookies].map(([name, { value }]) => [name, value]));
  const view = viewOf({ url: '/', cookies });
  one.callMs = two.callMs = 6000;

  const results = await Promise.all([one.authenticate(view), two.authenticate(view)]);

  assert.deepEqual(kinds(results), ['identity']);
  assert.equal(cluster.sessions.count, 1);
  assert.equal(provider.tokenRequests.length, 1);
});

test('a run whose lease was lost before it sent the token sends nothing', async () => {
  await using scene = await expiredSession();
  const [one, , stack] = await replicasOf(scene, () => ({
    singleFlight: (_key, _ttlMs, work) => work(AbortSignal.abort()),
  }));
  await using _parts = stack;

  const result = await one.authenticate(scene.view);

  assert.equal(result.kind, 'identity');
  assert.equal(scene.provider.tokenRequests, 0);
});
