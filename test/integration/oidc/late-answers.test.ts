import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { RealProvider } from '../../support/oidc/real-provider.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a callback whose requests add up to more than it may take says that the provider is down', async () => {
  await using provider = await MisbehavingProvider.start();
  await using replica = await Replica.start(optionsFor(provider.url, { userinfo: true }));
  const { cluster } = replica;
  const { fetch } = cluster;
  cluster.fetch = async (input, init) => {
    if (/\/(token|keys|userinfo)$/.test(String(input))) await pause(400);
    return fetch(input, init);
  };
  replica.endpointMs = 1900;
  const startedAt = performance.now();

  const shown = await new TestBrowser(replica).open('/');

  assert.equal(shown.status, 503, shown.body);
  assert.match(shown.body, /oidc\.provider_down/);
  assert.ok(performance.now() - startedAt < 1900, 'in time for an answer of its own');
  await pause(700);
  assert.equal(provider.userinfoRequests.length, 1, 'the login came about later');
  assert.equal(cluster.sessions.count, 0, 'and opened no session, which nobody would hold');
});

test('a login whose pushed request hangs is given up in time for a page', async () => {
  await using provider = await RealProvider.start({ par: true });
  await using replica = await Replica.start(optionsFor(provider.url));
  replica.cluster.fetch = (_input, init) =>
    new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  replica.endpointMs = 1200;
  const startedAt = performance.now();

  const { response } = await replica.handle({ url: '/.fairlead/corp/login' });

  assert.equal(response.status, 503);
  assert.match(await response.text(), /oidc\.provider_down/);
  assert.ok(performance.now() - startedAt < 1200);
});
