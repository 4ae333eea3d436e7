import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { APP_ORIGIN } from '../../support/oidc/real-provider.ts';

/** A provider that does what it is asked: `acr` and `auth_time` of the ID token are what a test says. */
async function scene(options: object = {}) {
  const provider = await MisbehavingProvider.start();
  const replica = await Replica.start(optionsFor(provider.url, options));
  replica.requires.set('/admin', { acr: 'urn:mfa' });
  replica.requires.set('/recent', { maxAgeMs: 900_000 });
  return {
    provider,
    replica,
    browser: new TestBrowser(replica),
    async [Symbol.asyncDispose]() {
      await replica[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

test('a route that wants more sends the person back with acr_values, and then lets them in', async () => {
  await using it = await scene();
  it.provider.claims = (honest) => ({ ...honest, acr: 'urn:pwd' });
  await it.browser.open('/');
  const [before] = it.replica.cluster.sessions.all();
  it.provider.claims = (honest) => ({ ...honest, acr: 'urn:mfa' });

  const shown = await it.browser.open('/admin');

  const authorize = new URL(shown.trail[1]!);
  assert.equal(authorize.searchParams.get('acr_values'), 'urn:mfa');
  assert.equal(shown.url, `${APP_ORIGIN}/admin`);
  assert.equal(shown.body, 'hello alice');
  const [after, ...others] = it.replica.cluster.sessions.all();
  assert.notEqual(after?.identity.session, before?.identity.session, 'a new id (R-36)');
  assert.deepEqual(others, []);
});

test('a provider that does not log in more strongly ends at a page, not in a circle', async () => {
  await using it = await scene();
  it.provider.claims = (honest) => ({ ...honest, acr: 'urn:pwd' });
  await it.browser.open('/');

  const shown = await it.browser.open('/admin');

  assert.equal(shown.status, 403);
  assert.match(shown.body, /oidc\.assurance/);
  assert.equal((await it.browser.open('/')).trail.length, 1, 'the session before is as it was');
});

test('a route that wants a recent login asks with max_age', async () => {
  await using it = await scene();
  const loggedInAt = Math.floor(Date.now() / 1000) - 3600;
  it.provider.claims = (honest) => ({ ...honest, auth_time: loggedInAt });
  await it.browser.open('/');

  const stale = await it.browser.open('/recent');
  it.provider.claims = (honest) => ({ ...honest, auth_time: honest['iat'] });
  const fresh = await it.browser.open('/recent');

  assert.equal(new URL(stale.trail[1]!).searchParams.get('max_age'), '900');
  assert.match(stale.body, /oidc\.assurance/);
  assert.equal(fresh.body, 'hello alice');
});

test('a login just beyond what clocks may differ ends at a page, whatever skew the provider has', async () => {
  await using it = await scene({ skew: '60s' });
  const loggedInAt = Math.floor(Date.now() / 1000) - 945;
  it.provider.claims = (honest) => ({ ...honest, auth_time: loggedInAt });

  const shown = await it.browser.open('/recent');

  assert.equal(shown.status, 403);
  assert.match(shown.body, /oidc\.assurance/);
});

test('a client that follows no redirect is told what is wanted (RFC 9470)', async () => {
  await using it = await scene();
  await it.browser.open('/');
  const cookies = new Map([...it.browser.cookies].map(([name, { value }]) => [name, value]));

  const { response } = await it.replica.handle({ url: '/admin', class: 'api', cookies });

  assert.equal(response.status, 401);
  assert.equal(
    response.headers.get('www-authenticate'),
    'Bearer realm="corp", error="insufficient_user_authentication", acr_values="urn:mfa"',
  );
});

test('stepping up several times in a minute is no loop', async () => {
  await using it = await scene();
  const levels = ['a', 'b', 'c', 'd'];
  await it.browser.open('/');

  for (const acr of levels) {
    it.replica.requires.set('/admin', { acr });
    it.provider.claims = (honest) => ({ ...honest, acr });

    assert.equal((await it.browser.open('/admin')).body, 'hello alice');
  }
});
