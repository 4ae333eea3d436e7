import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/app/system-clock.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';
import { ProviderStore } from '../../../src/store/provider-store.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { at } from '../../support/oidc/endpoint.ts';
import { Cluster, Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { APP_ORIGIN } from '../../support/oidc/real-provider.ts';

test('one browser that sends made-up codes keeps nobody else from logging in', async () => {
  await using provider = await MisbehavingProvider.start();
  const cluster = new Cluster();
  cluster.maxEntries = 10;
  await using replica = await Replica.start(optionsFor(provider.url), cluster);
  const hostile = new TestBrowser(replica);
  provider.tokenAnswer = (_request, response) => {
    const body = JSON.stringify({ error: 'invalid_grant' });
    response.writeHead(400, { 'content-type': 'application/json' }).end(body);
  };

  const codes = new Set<string | undefined>();
  for (let i = 0; i < 30; i += 1) {
    const begun = await hostile.send({ url: `${APP_ORIGIN}/` });
    const state = new URL(begun.headers.get('location')!).searchParams.get('state')!;
    const refused = await hostile.send({ url: at(`callback?code=made-up&state=${state}`) });
    codes.add(/oidc\.[a-z_]+/.exec(await refused.text())?.[0]);
  }
  provider.tokenAnswer = undefined;

  assert.deepEqual([...codes], ['oidc.code_refused']);
  assert.equal((await new TestBrowser(replica).open('/')).body, 'hello alice');
});

test('marks of logins that fill their room leave it to keys, logout tokens and rotations', async () => {
  const store = new ProviderStore(new MemoryStore(systemClock), 'corp');
  const fill = async () => {
    for (let i = 0; ; i += 1) await store.set(`spent.${i}`, '1', { ttlMs: 60_000 });
  };

  await assert.rejects(fill(), { code: 'store_full' });

  for (const key of ['state-key.7', 'jti.x', 'rotated.x']) {
    assert.equal(await store.set(key, '1', { ttlMs: 60_000 }), true);
    assert.equal(await store.get(key), '1');
  }
});

test('back-channel logouts, refreshes and a state key that falls due go on while the marks are full', async () => {
  await using provider = await MisbehavingProvider.start('ES256');
  const gateway = new MemoryStore(systemClock);
  const cluster = new Cluster(gateway);
  await using replica = await Replica.start(optionsFor(provider.url), cluster);
  const browser = new TestBrowser(replica);
  await browser.open('/');
  const marks = new ProviderStore(gateway, 'corp');
  const fill = async () => {
    for (let i = 0; ; i += 1) await marks.set(`spent.${i}`, '1', { ttlMs: 86_400_000 });
  };
  await assert.rejects(fill(), { code: 'store_full' });

  const body = `logout_token=${await provider.logoutToken({ sid: 's1' })}`;
  const logout = await browser.send({ method: 'POST', body, url: at('backchannel-logout') });
  cluster.offsetMs = 13 * 3_600_000;
  const challenge = await browser.send({ url: `${APP_ORIGIN}/` });

  assert.equal(logout.status, 200);
  assert.equal(challenge.status, 302);
});
