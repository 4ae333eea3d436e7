import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import type { Step } from '../../support/oidc/test-browser.ts';
import { assertRefused, at, fingerprint, loggedInAndWaiting } from '../../support/oidc/endpoint.ts';
import { Replica, optionsFor } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { APP_ORIGIN } from '../../support/oidc/real-provider.ts';

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

type Change = (query: URLSearchParams, it: Scene) => void;

/** What is wrong with a callback, and how the address is changed to make it so. */
const CALLBACKS: Readonly<Record<string, Change>> = {
  'nothing at all': (query) => {
    const names = [...query.keys()];
    for (const name of names) query.delete(name);
  },
  'state missing': (query) => query.delete('state'),
  'state empty': (query) => query.set('state', ''),
  'state doubled': (query) => query.append('state', query.get('state')!),
  'state huge': (query) => query.set('state', HUGE),
  'state cut': (query) => query.set('state', query.get('state')!.slice(0, -3)),
  'state with one bit changed': (query) => query.set('state', flip(query.get('state')!)),
  'state of no encryption': (query) => {
    const header = Buffer.from('{"alg":"none","kid":"1"}').toString('base64url');
    query.set('state', `${header}..${Buffer.from('{}').toString('base64url')}.x.y`);
  },
  'state with a control character': (query) => query.set('state', 'a\u0000b'),
  'code missing': (query) => query.delete('code'),
  'code doubled': (query) => query.append('code', 'another'),
  'code huge': (query) => query.set('code', HUGE),
  'iss of another provider': (query) => query.set('iss', 'https://elsewhere.example'),
  'iss nearly right': (query, { provider }) => query.set('iss', `${provider.url}/`),
  'iss doubled': (query, { provider }) => {
    query.append('iss', provider.url);
    query.append('iss', 'https://elsewhere.example');
  },
  'iss empty': (query) => query.set('iss', ''),
  'error doubled': (query) => {
    query.append('error', 'a');
    query.append('error', 'b');
  },
  'error beside a code': (query) => query.set('error', 'access_denied'),
  'an ID token of an implicit flow': (query) => query.set('id_token', 'a.b.c'),
  'an access token': (query) => query.set('access_token', 'x'),
  'a JARM response': (query) => query.set('response', 'a.b.c'),
  'everything huge': (query) => {
    for (let i = 0; i < 20; i += 1) query.append(`x${i}`, HUGE);
  },
};

for (const [what, change] of Object.entries(CALLBACKS)) {
  test(`callback, ${what}: refused, nothing changed, and the login still works`, async () => {
    await using it = await scene();
    const { browser, callback } = await loggedInAndWaiting(it.replica);
    const before = fingerprint(it.replica, it.provider);
    const bad = new URL(callback);
    change(bad.searchParams, it);
    browser.onStep = () => false;

    assertRefused(await browser.open(bad.href));

    assert.equal(fingerprint(it.replica, it.provider), before);
    browser.onStep = () => true;
    assert.equal((await browser.open(callback.href)).url, `${APP_ORIGIN}/wanted`);
  });
}

test('callback, replayed after the session ended: refused, nothing changed', async () => {
  await using it = await scene();
  const browser = new TestBrowser(it.replica);
  const { trail } = await browser.open('/page');
  const callback = trail.find((url) => url.includes('/callback'))!;
  browser.cookies.delete('__Host-fairlead-corp.session');
  const before = fingerprint(it.replica, it.provider);
  browser.onStep = () => false;

  const shown = await browser.open(callback);

  assertRefused(shown);
  assert.match(shown.body, /oidc\.state_spent/);
  assert.equal(fingerprint(it.replica, it.provider), before);
});

test('callback, without iss although the provider promises it: refused', async () => {
  await using provider = await MisbehavingProvider.start();
  provider.metadata = (honest) => ({
    ...honest,
    authorization_response_iss_parameter_supported: true,
  });
  await using replica = await Replica.start(optionsFor(provider.url));

  const shown = await new TestBrowser(replica).open('/');

  assert.match(shown.body, /oidc\.answer_invalid/);
  assert.equal(provider.tokenRequests.length, 0);
});

test('callback, the state of another of our providers: refused', async () => {
  await using it = await scene();
  await using other = await Replica.start(
    optionsFor(it.provider.url),
    it.replica.cluster,
    'partners',
  );
  const { browser, callback } = await loggedInAndWaiting(it.replica);
  const elsewhere = callback.href.replace('/corp/', '/partners/');
  browser.replica = other;
  browser.onStep = () => false;

  const shown = await browser.open(elsewhere);

  assert.match(shown.body, /oidc\.state_unknown/);
  assertRefused(shown);
});

test('callback, at another host than it was begun at: refused', async () => {
  await using it = await scene();
  const { browser, callback } = await loggedInAndWaiting(it.replica);
  const url = callback.href.replace('app.example.com', 'other.example.com');
  const cookies = new Map([...browser.cookies].map(([name, { value }]) => [name, value]));

  const { response } = await it.replica.handle({ url, cookies });

  assert.equal(response.status, 400);
  assert.match(await response.text(), /oidc\.state_unknown/);
});

test('callback by form_post: what is no form, is huge or came by GET is refused', async () => {
  await using it = await scene({ responseMode: 'form_post' });
  const url = at('callback');
  const bad: readonly (readonly [number, Omit<Step, 'url'>])[] = [
    [400, { ...FORM, body: 'state=a&state=b&code=c' }],
    [400, { ...FORM, body: '{}', headers: { 'content-type': 'application/json' } }],
    [400, { ...FORM, body: '' }],
    [413, { ...FORM, body: `state=${'x'.repeat(40_000)}` }],
    [400, { method: 'GET' }],
  ];
  for (const [status, step] of bad) {
    assert.equal((await new TestBrowser(it.replica).send({ ...step, url })).status, status);
  }
  const octets = Buffer.from('state=\xff\xfe', 'latin1');
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const { response } = await it.replica.handle({ url, method: 'POST', body: octets, headers });
  assert.equal(response.status, 400, 'not UTF-8');
});

test('login: parameters doubled, huge or of another issuer are refused, and nothing begins', async () => {
  await using it = await scene();
  for (const query of [
    'return_to=/a&return_to=/b',
    `return_to=/${HUGE}`,
    'iss=https://elsewhere.example',
    `login_hint=${HUGE}`,
  ]) {
    const { response, setCookies } = await it.replica.handle({
      url: `/.fairlead/corp/login?${query}`,
    });
    assert.equal(response.status, 400);
    assert.deepEqual(setCookies, []);
  }
});

function flip(text: string): string {
  const at = text.length - 5;
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}
