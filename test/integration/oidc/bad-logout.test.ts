import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { assertRefused, at, fingerprint } from '../../support/oidc/endpoint.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { makeIssuerKey } from '../../support/auth/issuer.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';

const HUGE = 'x'.repeat(5000);
const FORM = { method: 'POST', headers: { origin: 'https://op.example' } } as const;

interface Scene extends AsyncDisposable {
  readonly provider: MisbehavingProvider;
  readonly replica: Replica;
}

async function scene(options: object = {}): Promise<Scene> {
  const provider = await MisbehavingProvider.start('ES256');
  const replica = await Replica.start(optionsFor(provider.url, options));
  return {
    provider,
    replica,
    async [Symbol.asyncDispose]() {
      await replica[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

/** Claims, header, or the whole of a logout token that is not as it should be. */
const LOGOUT_TOKENS: Readonly<Record<string, (it: Scene) => Promise<string> | string>> = {
  'iss of another': ({ provider }) => provider.logoutToken({ sid: 's1', iss: 'https://x.example' }),
  'aud of another': ({ provider }) => provider.logoutToken({ sid: 's1', aud: 'another' }),
  'aud missing': ({ provider }) => provider.logoutToken({ sid: 's1', aud: undefined }),
  'no events': ({ provider }) => provider.logoutToken({ sid: 's1', events: undefined }),
  'another event': ({ provider }) =>
    provider.logoutToken({ sid: 's1', events: { 'https://x.example': {} } }),
  'an event that is no object': ({ provider }) =>
    provider.logoutToken({
      sid: 's1',
      events: { 'http://schemas.openid.net/event/backchannel-logout': true },
    }),
  'a nonce': ({ provider }) => provider.logoutToken({ sid: 's1', nonce: 'n' }),
  'no jti': ({ provider }) => provider.logoutToken({ sid: 's1', jti: undefined }),
  'no iat': ({ provider }) => provider.logoutToken({ sid: 's1', iat: undefined }),
  'neither sub nor sid': ({ provider }) => provider.logoutToken({}),
  'a sid that is no text': ({ provider }) => provider.logoutToken({ sid: 7 }),
  'an old iat': ({ provider }) => provider.logoutToken({ sid: 's1', iat: now() - 3600 }),
  'an iat of tomorrow': ({ provider }) => provider.logoutToken({ sid: 's1', iat: now() + 86_400 }),
  'no exp': ({ provider }) => provider.logoutToken({ sid: 's1', exp: undefined }),
  'an exp that is over': ({ provider }) => provider.logoutToken({ sid: 's1', exp: now() - 600 }),
  'the typ of an access token': ({ provider }) =>
    provider.logoutToken({ sid: 's1' }, { typ: 'at+jwt' }),
  'a signature by another key': async ({ provider }) => {
    const token = await provider.logoutToken({ sid: 's1' });
    const key = await makeIssuerKey('ES256');
    return provider.sign(
      JSON.parse(atob(token.split('.')[1]!)) as Record<string, unknown>,
      {},
      key,
    );
  },
  'no signature': async ({ provider }) => {
    const token = await provider.logoutToken({ sid: 's1' });
    return provider.signNot(JSON.parse(atob(token.split('.')[1]!)) as Record<string, unknown>);
  },
  'an ID token': ({ provider }) =>
    provider.sign({
      iss: provider.url,
      aud: 'web',
      sub: 'alice',
      sid: 's1',
      iat: now(),
      exp: now() + 60,
      nonce: 'n',
    }),
  'no token': () => 'nonsense',
  'a huge token': () => 'x'.repeat(9000),
  'an empty token': () => '',
};

for (const [what, make] of Object.entries(LOGOUT_TOKENS)) {
  test(`back-channel logout, ${what}: refused, nothing changed`, async () => {
    await using it = await scene();
    await new TestBrowser(it.replica).open('/');
    const before = fingerprint(it.replica, it.provider);
    const body = new URLSearchParams({ logout_token: await make(it) }).toString();

    const shown = await new TestBrowser(it.replica).open(at('backchannel-logout'), {
      ...FORM,
      body,
    });

    assert.equal(shown.status, 400, shown.body);
    assertRefused(shown);
    assert.equal(fingerprint(it.replica, it.provider), before);
  });
}

test('back-channel logout: missing, doubled, huge or no form is refused', async () => {
  await using it = await scene();
  await new TestBrowser(it.replica).open('/');
  const before = fingerprint(it.replica, it.provider);
  const token = await it.provider.logoutToken({ sid: 's1' });
  const bodies = ['', `logout_token=${token}&logout_token=${token}`, 'y='.repeat(20_000), 'x=y'];

  for (const body of bodies) {
    const step = { ...FORM, body, url: at('backchannel-logout') };
    const { status } = await new TestBrowser(it.replica).send(step);
    assert.ok(status === 400 || status === 413);
  }

  assert.equal(fingerprint(it.replica, it.provider), before);
});

for (const [by, claims] of [
  ['sid', { sid: 's1' }],
  ['sub', { sub: 'alice' }],
  ['sid and sub', { sid: 's1', sub: 'alice' }],
] as const) {
  test(`back-channel logout by ${by} ends the session, once for each token`, async () => {
    await using it = await scene();
    const browser = new TestBrowser(it.replica);
    await browser.open('/');
    const body = new URLSearchParams({ logout_token: await it.provider.logoutToken(claims) });
    const step = { ...FORM, body: body.toString(), url: at('backchannel-logout') };

    const first = await browser.send(step);
    const ended = it.replica.cluster.sessions.count;
    await browser.open('/');
    const replayed = await browser.send(step);

    assert.deepEqual([first.status, ended], [200, 0]);
    assert.equal(first.headers.get('cache-control'), 'no-store');
    assert.equal(replayed.status, 400);
    assert.equal(it.replica.cluster.sessions.count, 1, 'the login after it stays');
  });
}

test('back-channel logout of somebody else ends nothing', async () => {
  await using it = await scene();
  await new TestBrowser(it.replica).open('/');
  for (const claims of [{ sid: 's2' }, { sub: 'bob' }, { sid: 's1', sub: 'bob' }]) {
    const body = `logout_token=${await it.provider.logoutToken(claims)}`;
    await new TestBrowser(it.replica).send({ ...FORM, body, url: at('backchannel-logout') });
  }
  assert.equal(it.replica.cluster.sessions.count, 1);
});

test('back-channel logout while sessions are down is 503, and works when sent again', async () => {
  await using it = await scene();
  await new TestBrowser(it.replica).open('/');
  const body = `logout_token=${await it.provider.logoutToken({ sid: 's1' })}`;
  const step = { ...FORM, body, url: at('backchannel-logout') };
  it.replica.cluster.sessions.isDown = true;

  const down = await new TestBrowser(it.replica).send(step);
  it.replica.cluster.sessions.isDown = false;
  const again = await new TestBrowser(it.replica).send(step);

  assert.deepEqual([down.status, again.status], [503, 200]);
  assert.equal(it.replica.cluster.sessions.count, 0);
});

test('front-channel logout needs iss and sid, no cookie, and may stand in the provider’s frame', async () => {
  await using it = await scene();
  await new TestBrowser(it.replica).open('/');
  const stranger = new TestBrowser(it.replica);
  const iss = encodeURIComponent(it.provider.url);
  const before = fingerprint(it.replica, it.provider);
  for (const query of [
    '',
    `iss=${iss}`,
    'sid=s1',
    'iss=https://elsewhere.example&sid=s1',
    `iss=${iss}&sid=s1&sid=s2`,
    `iss=${iss}&iss=${iss}&sid=s1`,
    `iss=${iss}&sid=${HUGE}`,
    `iss=${iss}&sid=`,
  ]) {
    assertRefused(await stranger.open(at(`frontchannel-logout?${query}`)));
  }
  assert.equal(fingerprint(it.replica, it.provider), before);

  const ended = await stranger.open(at(`frontchannel-logout?iss=${iss}&sid=s1`));

  assert.equal(ended.status, 200);
  assert.equal(it.replica.cluster.sessions.count, 0);
  const policy = ended.headers.get('content-security-policy') ?? '';
  assert.ok(policy.includes(`frame-ancestors ${it.provider.url}`));
});

function now(): number {
  return Math.floor(Date.now() / 1000);
}
