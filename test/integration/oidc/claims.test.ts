import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestBrowser } from '../../support/oidc/test-browser.ts';
import { Replica, optionsFor, viewOf } from '../../support/oidc/harness.ts';
import { MisbehavingProvider } from '../../support/oidc/misbehaving-provider.ts';

/** What a provider says of people, and what is kept of it. */
async function scene(options: object = {}) {
  const stack = new AsyncDisposableStack();
  const provider = stack.use(await MisbehavingProvider.start());
  const replica = stack.use(await Replica.start(optionsFor(provider.url, options)));
  const browser = new TestBrowser(replica);
  const kept = () => replica.cluster.sessions.all()[0]?.identity;
  /** A request after the access token ended. */
  const afterExpiry = async (): Promise<string> => {
    replica.cluster.offsetMs += 301_000;
    const cookies = [...browser.cookies].map(([name, { value }]) => [name, value] as const);
    return (await replica.authenticate(viewOf({ url: '/', cookies: new Map(cookies) }))).kind;
  };
  const dispose = () => stack.disposeAsync();
  return { provider, replica, browser, kept, afterExpiry, [Symbol.asyncDispose]: dispose };
}

/** A list in a list, and so on. */
function nested(depth: number): unknown {
  return depth === 0 ? 'end' : [nested(depth - 1)];
}

const UNUSABLE: Readonly<Record<string, unknown>> = {
  'nested deeper than 32': nested(40),
  'of more than 10,000 values': Array.from({ length: 10_001 }, () => 'group'),
};

for (const [what, groups] of Object.entries(UNUSABLE)) {
  test(`claims ${what} are no login, and hurt nobody else`, async () => {
    await using it = await scene();
    it.provider.claims = (honest) => ({ ...honest, groups });

    const shown = await it.browser.open('/');

    assert.equal(shown.status, 502, shown.body);
    assert.match(shown.body, /oidc\.token_invalid/);
    assert.equal(it.replica.cluster.sessions.count, 0);
  });

  test(`claims ${what} at a refresh leave the session as it was, and the log says so`, async () => {
    await using it = await scene();
    await it.browser.open('/');
    it.provider.claims = (honest) => ({ ...honest, groups });

    assert.equal(await it.afterExpiry(), 'identity');
    assert.equal(it.replica.cluster.sessions.count, 1);
    assert.equal(it.kept()!.claims['groups'], undefined);
    assert.match(it.replica.cluster.lines.join('\n'), /could not be refreshed.*claims/);
  });
}

test('of the login itself userinfo is not heard, which nobody signed', async () => {
  await using it = await scene({ userinfo: true });
  it.provider.claims = ({ sid: _sid, ...honest }) => honest;
  it.provider.userinfo = (honest) => ({
    ...honest,
    acr: 'urn:mfa',
    amr: ['otp'],
    auth_time: Math.floor(Date.now() / 1000),
    sid: 'of-somebody',
    aud: 'another',
  });

  assert.equal((await it.browser.open('/')).body, 'hello alice');

  const identity = it.kept()!;
  assert.equal(identity.assurance, undefined);
  assert.equal(identity.authenticatedAt, 0);
  for (const name of ['acr', 'amr', 'auth_time', 'sid']) {
    assert.equal(identity.claims[name], undefined, name);
  }
  assert.equal(identity.claims['aud'], 'web');
  assert.equal(identity.claims['name'], 'Alice', 'of the person it is');
});

test('an auth_time of userinfo that is no number breaks nothing', async () => {
  await using it = await scene({ userinfo: true });
  it.provider.userinfo = (honest) => ({ ...honest, auth_time: 'yesterday' });

  assert.equal((await it.browser.open('/')).body, 'hello alice');
  assert.equal(it.kept()?.authenticatedAt, 0);
});

test('where both say a claim, the ID token counts', async () => {
  await using it = await scene({ userinfo: true });
  it.provider.claims = (honest) => ({ ...honest, groups: ['staff'] });

  await it.browser.open('/');

  assert.deepEqual(it.kept()?.claims['groups'], ['staff']);
});

test('a claim that the ID token of a refresh does not have any more is gone', async () => {
  await using it = await scene();
  it.provider.claims = (honest) => ({
    ...honest,
    groups: ['admins'],
    plan: 'gold',
    acr: 'urn:mfa',
  });
  await it.browser.open('/');
  it.provider.claims = ({ sid: _sid, ...honest }) => ({ ...honest, plan: 'silver' });

  assert.equal(await it.afterExpiry(), 'identity');

  const { claims, assurance } = it.kept()!;
  assert.equal(claims['groups'], undefined);
  assert.equal(claims['plan'], 'silver');
  assert.deepEqual([assurance, claims['acr'], claims['sid']], ['urn:mfa', 'urn:mfa', 's1']);
});

test('claims of userinfo stay as they were at the login', async () => {
  await using it = await scene({ userinfo: true });
  await it.browser.open('/');
  it.provider.userinfo = () => assert.fail('userinfo is asked at logins only');

  assert.equal(await it.afterExpiry(), 'identity');
  assert.equal(await it.afterExpiry(), 'identity', 'also after a second refresh');

  assert.deepEqual(it.kept()?.claims['groups'], ['admins']);
  assert.equal(it.provider.userinfoRequests.length, 1);
});

test('a refresh without an ID token changes no claim', async () => {
  await using it = await scene({ userinfo: true });
  it.provider.claims = (honest) => ({ ...honest, plan: 'gold' });
  await it.browser.open('/');
  const before = it.kept()?.claims;
  it.provider.tokenAnswer = (_request, response) => {
    const tokens = { access_token: 'b', token_type: 'Bearer', refresh_token: 'new' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(tokens));
  };

  assert.equal(await it.afterExpiry(), 'identity');
  assert.deepEqual(it.kept()?.claims, before);
});
