import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/app/system-clock.ts';
import { FailingStore } from '../../support/fakes/failing-store.ts';
import type { Operation } from '../../support/fakes/failing-store.ts';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { at } from '../../support/oidc/endpoint.ts';
import { Cluster, Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { APP_ORIGIN } from '../../support/oidc/real-provider.ts';

/** A person who is logged in at a replica with one store for everything, and a token that says it is over. */
async function scene() {
  const stack = new AsyncDisposableStack();
  const provider = stack.use(await MisbehavingProvider.start('ES256'));
  const store = new FailingStore(systemClock);
  const replica = stack.use(await Replica.start(optionsFor(provider.url), new Cluster(store)));
  const browser = new TestBrowser(replica);
  await browser.open('/');
  const body = `logout_token=${await provider.logoutToken({ sid: 's1' })}`;
  const step = { method: 'POST', body, url: at('backchannel-logout') } as const;
  const tell = async () => (await new TestBrowser(replica).send(step)).status;
  const isLoggedIn = async () => (await browser.send({ url: `${APP_ORIGIN}/` })).status === 200;
  return { store, tell, isLoggedIn, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

type Failure = (operation: Operation, key: string) => boolean;

/** Where the store goes away in the middle of a logout, and stays away. */
const FROM: Readonly<Record<string, Failure>> = {
  'the first look': () => true,
  'the end of the session': (operation) => operation === 'delete',
  'the word to the other replicas': (operation) => operation === 'publish',
  'the note that the token was used': (operation) => operation === 'set',
};

for (const [moment, isMoment] of Object.entries(FROM)) {
  test(`a store that goes away at ${moment}: the provider is told, and tells again with success`, async () => {
    await using it = await scene();
    let isUnavailable = false;
    it.store.fails = (operation, key) => (isUnavailable ||= isMoment(operation, key));

    const lost = await it.tell();
    it.store.fails = () => false;
    const again = await it.tell();
    const replayed = await it.tell();

    assert.deepEqual([lost, again, replayed], [503, 200, 400]);
    assert.equal(await it.isLoggedIn(), false);
  });
}
