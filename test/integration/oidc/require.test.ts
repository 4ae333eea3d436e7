import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GATEWAY_ORIGIN } from '../../support/oidc/login-gateway.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';
import { CLAIMS, RequireScene, realProvider, visitorOf } from '../../support/oidc/require-scene.ts';

const WEAK = 'error="insufficient_user_authentication"';

test('a page that wants more is shown after a stronger login, and the others go on as before', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  provider.acr = 'urn:pwd';
  const home = await scene.browser.open('/');
  provider.acr = 'urn:mfa';

  const admin = await scene.browser.open('/admin/keys?a=b');
  const again = await scene.browser.open('/admin/keys');

  assert.equal(home.status, 200, home.body);
  assert.equal(admin.url, `${GATEWAY_ORIGIN}/admin/keys?a=b`);
  assert.equal(new URL(admin.trail[1]!).searchParams.get('acr_values'), 'urn:mfa');
  assert.equal(visitorOf(admin.body), 'alice');
  assert.equal(again.trail.length, 1, 'the stronger login is kept');
});

test('who comes without a session is asked for the stronger login at once', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  provider.acr = 'urn:mfa';

  const shown = await scene.browser.open('/strict');

  const { searchParams } = new URL(shown.trail[1]!);
  assert.deepEqual(
    [searchParams.get('acr_values'), searchParams.get('max_age')],
    ['urn:mfa', '900'],
  );
  assert.equal(shown.trail.filter((url) => url.startsWith(`${provider.url}/auth?`)).length, 1);
  assert.equal(visitorOf(shown.body), 'alice');
});

test('a provider that gives less again ends at a page with 403, and the session stays', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  provider.acr = 'urn:pwd';
  await scene.browser.open('/');

  const refused = await scene.browser.open('/admin/keys');

  assert.equal(refused.status, 403);
  assert.match(refused.body, /oidc\.assurance/);
  assert.equal(refused.trail.filter((url) => url.endsWith('/admin/keys')).length, 1, 'no circle');
  assert.equal(scene.application.requests, 1, 'only the page before came through');
  assert.equal((await scene.browser.open('/')).trail.length, 1);
});

test('a login whose time nobody knows is not recent, and the provider is asked with max_age', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  await scene.browser.open('/');

  const shown = await scene.browser.open('/recent/news');

  assert.equal(new URL(shown.trail[1]!).searchParams.get('max_age'), '900');
  assert.equal(visitorOf(shown.body), 'alice');
  assert.equal((await scene.browser.open('/recent/news')).trail.length, 1);
});

test('a login that is too old is refused to programs, and ends at a page when it stays old', async () => {
  const provider = await MisbehavingProvider.start();
  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  provider.claims = (honest) => ({ ...honest, ...CLAIMS, auth_time: hourAgo });
  await using scene = await RequireScene.start(provider);
  await scene.browser.open('/');

  const call = await scene.call('/recent/news', { cookie: scene.cookie });
  const page = await scene.browser.open('/recent/news');

  assert.equal(call.status, 401);
  assert.equal(call.challenge, `Bearer realm="corp", ${WEAK}, max_age="900"`);
  assert.equal(page.status, 403);
  assert.match(page.body, /oidc\.assurance/);
});

test('a path adds to its route: every claim of both must be as required', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  const stranger = await scene.bearer({ org: 'other', groups: ['staff'] });

  const staff = await scene.browser.open('/staff/plans');
  const owners = await scene.browser.open('/owners/books');
  const foreign = await scene.call('/staff/plans', { authorization: stranger });

  assert.equal(visitorOf(staff.body), 'alice');
  assert.equal(owners.status, 403);
  assert.match(owners.body, /forbidden/);
  assert.doesNotMatch(owners.body, /owners/, 'what is wanted is not for the client');
  assert.deepEqual([foreign.status, foreign.body['code']], [403, 'forbidden']);
  assert.equal(scene.application.requests, 1);
});

test('the record names who was refused, by which rule and why', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  const authorization = await scene.bearer({ groups: ['staff'] });

  await scene.call('/owners/books', { authorization });

  const record = await scene.gateway.record();
  assert.deepEqual(
    [record['http.route'], record['http.response.status_code'], record['subject']],
    ['/owners/**', 403, 'robot'],
  );
  assert.equal(record['reason'], 'require.claims');
  assert.equal(record['reason_detail'], 'the claim groups is "staff", the policy wants "owners"');
});

test('claims of the other provider of all-of are required, and told to the application', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  await scene.browser.open('/');
  const { cookie } = scene;
  const orders = await scene.bearer({ scopes: ['orders', 'keys'] });
  const keys = await scene.bearer({ scopes: ['keys'] });

  const good = await scene.call('/both', { cookie, authorization: orders });
  const wrong = await scene.call('/both', { cookie, authorization: keys });

  assert.equal(good.status, 200);
  assert.equal(visitorOf(JSON.stringify(good.body)), 'alice');
  assert.equal(visitorOf(JSON.stringify(good.body), 'x-program'), 'robot');
  assert.equal(wrong.status, 403);
});

test('a session in the cookie that was refreshed for a request stays good though it is refused', async () => {
  const provider = await realProvider();
  provider.accessTokenSeconds = 1;
  const keys = 'sessions: { store: cookie, keys: ["0123456789abcdef0123456789abcdef"] }';
  await using scene = await RequireScene.start(provider, keys);
  await scene.browser.open('/');
  const before = provider.tokenRequests;
  await new Promise((resolve) => setTimeout(resolve, 1100));

  const refused = await scene.call('/owners/books', { cookie: scene.cookie });

  assert.equal(refused.status, 403);
  assert.equal(provider.tokenRequests, before + 1);
  assert.ok(refused.setCookies.some((field) => field.startsWith('__Host-fairlead-corp')));
});

test('auth: public on a path drops what its route requires', async () => {
  const provider = await realProvider({ org: 'other' });
  await using scene = await RequireScene.start(provider);

  const open = await scene.browser.open('/public/logo');
  const closed = await scene.browser.open('/');

  assert.deepEqual([open.status, open.trail.length], [200, 1]);
  assert.equal(closed.status, 403);
});

test('a bearer token that is too weak or of unknown age gets 401 as RFC 9470 has it', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  const now = Math.floor(Date.now() / 1000);
  const call = async (path: string, claims: object) => {
    return scene.call(path, { authorization: await scene.bearer(claims) });
  };

  const weak = await call('/strict', { acr: 'urn:pwd', auth_time: now });
  const old = await call('/strict', { acr: 'urn:mfa', auth_time: now - 3600 });
  const unknown = await call('/recent/news', {});
  const good = await call('/strict', { acr: 'urn:mfa', auth_time: now - 60 });

  const field = `Bearer realm="api", ${WEAK}, acr_values="urn:mfa", max_age="900"`;
  assert.deepEqual([weak.status, weak.challenge], [401, field]);
  assert.deepEqual([old.status, old.challenge], [401, field]);
  assert.equal(unknown.challenge, `Bearer realm="api", ${WEAK}, max_age="900"`);
  assert.equal(good.status, 200);
  assert.equal(weak.body['code'], 'step_up_required');
});

test('a token that is too weak leads nobody to a login, not even where a page is asked for', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  const authorization = await scene.bearer({ acr: 'urn:pwd' });

  const shown = await scene.browser.open('/admin/keys', { headers: { authorization } });

  assert.deepEqual([shown.status, shown.trail.length], [401, 1]);
  assert.match(shown.body, /a stronger or more recent login is needed/);
  assert.equal(scene.application.requests, 0);
});

test('a script of a page gets the 401, and the login that it links to steps up', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  provider.acr = 'urn:pwd';
  await scene.browser.open('/');
  const { cookie } = scene;
  const fetchFields = { cookie, accept: '*/*', referer: `${GATEWAY_ORIGIN}/app` };

  const call = await scene.call('/admin/keys', { ...fetchFields, 'sec-fetch-mode': 'cors' });
  provider.acr = 'urn:mfa';
  const login = await scene.browser.open(String(call.body['login']));
  const after = await scene.call('/admin/keys', { ...fetchFields, cookie: scene.cookie });

  assert.deepEqual([call.status, call.body['code']], [401, 'step_up_required']);
  assert.equal(call.challenge, `Bearer realm="corp", ${WEAK}, acr_values="urn:mfa"`);
  assert.equal(login.url, `${GATEWAY_ORIGIN}/app`);
  assert.equal(after.status, 200);
});

test('a form that needs a stronger login gets a page with the way to it, and is not lost on a redirect', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  provider.acr = 'urn:pwd';
  await scene.browser.open('/');

  const shown = await scene.browser.open('/admin/keys', {
    method: 'POST',
    body: 'name=new',
    headers: { origin: GATEWAY_ORIGIN, referer: `${GATEWAY_ORIGIN}/admin` },
  });

  assert.deepEqual([shown.status, shown.trail.length], [401, 1]);
  const link = /<a [^>]*href="([^"]*)"/.exec(shown.body)?.[1];
  assert.equal(
    link,
    `${GATEWAY_ORIGIN}/.fairlead/corp/login?return_to=%2Fadmin&amp;acr_values=urn%3Amfa`,
  );
});

test('a WebSocket handshake gets the 401 of RFC 9470, with a session and with a token', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  provider.acr = 'urn:pwd';
  await scene.browser.open('/');
  const authorization = await scene.bearer({ acr: 'urn:pwd' });

  const session = await scene.handshake('/admin/live', { cookie: scene.cookie });
  const token = await scene.handshake('/admin/live', { authorization });

  const field = (realm: string) => `Bearer realm="${realm}", ${WEAK}, acr_values="urn:mfa"`;
  assert.deepEqual(session, { status: 401, challenge: field('corp') });
  assert.deepEqual(token, { status: 401, challenge: field('api') });
});

test('a gRPC call gets the same challenge, and the status of its own protocol', async () => {
  const provider = await realProvider();
  await using scene = await RequireScene.start(provider);
  const authorization = await scene.bearer({ acr: 'urn:pwd' });

  const response = await scene.gateway.request('/admin/Keys/List', {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/grpc' },
  });
  await response.body.dump();

  assert.equal(response.headers['grpc-status'], '16');
  assert.equal(
    response.headers['www-authenticate'],
    `Bearer realm="api", ${WEAK}, acr_values="urn:mfa"`,
  );
});

for (const query of [
  'acr_values=a%20b',
  'acr_values=a"',
  'max_age=0',
  'max_age=-1',
  'max_age=9e9',
]) {
  test(`a link to a login with ${query} begins none`, async () => {
    const provider = await realProvider();
    await using scene = await RequireScene.start(provider);

    const shown = await scene.browser.open(`/.fairlead/corp/login?${query}`);

    assert.equal(shown.status, 400);
    assert.match(shown.body, /oidc\.parameters/);
  });
}
