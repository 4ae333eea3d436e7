import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestIssuer } from '../../support/auth/issuer.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { logIn } from '../../support/sessions/session-gateway.ts';
import { sessionPlugin } from '../../support/sessions/session-plugin.ts';

const NAVIGATION = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
const parts = new AsyncDisposableStack();
let issuer: TestIssuer;
let gateway: TestGateway;
let begun = 0;

before(async () => {
  const application = parts.use(
    await Application.start((request, response) => {
      response.setHeader('cache-control', 'public, max-age=60');
      response.end(request.headers['x-user'] ?? 'nobody');
    }),
  );
  issuer = parts.use(await TestIssuer.start());
  gateway = parts.use(
    await TestGateway.start({
      plugins: [sessionPlugin(undefined, undefined, () => (begun += 1))],
      policy: `
providers:
  corp: { plugin: fake-login }
  api: { plugin: jwt, issuer: "${issuer.url}", audience: app, jwks: { allowPrivate: true } }
services: { shop: { via: tcp, host: 127.0.0.1, port: ${application.address.port} } }
routes:
  shop:
    host: app.example.test
    service: shop
    auth: { optional: [corp, api] }
    headers: { identity: { x-user: identity.subject } }
    paths:
      /not-gold: { require: { claims: { plan: { not: gold } } } }
      /ada-or-nobody: { require: { when: identity == null || identity.subject == "ada" } }
      /hers: { auth: corp }
`,
    }),
  );
});
after(() => parts.disposeAsync());

function tokenOf(from: TestIssuer, audience: string): Promise<string> {
  return from.sign({ sub: 'machine', aud: audience }, Date.now());
}

async function ask(path: string, headers: Record<string, string> = {}) {
  const response = await gateway.request(path, { headers: { ...NAVIGATION, ...headers } });
  const { vary, 'cache-control': caching } = response.headers;
  const text = await response.body.text();
  return { status: response.statusCode, who: text, vary, caching };
}

test('without a credential the application is asked for nobody, and no login begins', async () => {
  const { status, who, vary, caching } = await ask('/', { 'x-user': 'ada' });

  assert.deepEqual([status, who], [200, 'nobody']);
  assert.deepEqual([vary, caching], ['Authorization, Cookie', 'public, max-age=60']);
  assert.equal(begun, 0);
});

test('with a session or a token the application is told who, and the answer is theirs alone', async () => {
  const cookie = await logIn(gateway);
  const bearer = await tokenOf(issuer, 'app');

  for (const [headers, name] of [
    [{ cookie }, 'ada'],
    [{ authorization: `Bearer ${bearer}` }, 'machine'],
  ] as const) {
    const { status, who, vary, caching } = await ask('/', headers);
    assert.deepEqual([status, who], [200, name]);
    assert.deepEqual([vary, caching], ['Authorization, Cookie', 'private, max-age=60']);
  }
});

test('a session that is unknown or has ended is no credential', async () => {
  const cookie = await logIn(gateway, 'eve');
  const unknown = await ask('/', { cookie: cookie.replace(/=.{6}/, '=AAAAAA') });
  const logout = { method: 'POST', headers: { cookie, 'sec-fetch-site': 'same-origin' } };
  await (await gateway.request('/.fairlead/corp/logout', logout)).body.dump();
  const ended = await ask('/', { cookie });

  for (const { status, who } of [unknown, ended]) assert.deepEqual([status, who], [200, 'nobody']);
});

test('a token that is sent and wrong is 401', async () => {
  const other = await tokenOf(issuer, 'another');

  for (const token of ['nonsense', other]) {
    const { status } = await ask('/', { authorization: `Bearer ${token}` });
    assert.equal(status, 401);
  }
});

test('what must not be so of an identity lets nobody in, too', async () => {
  const cookie = await logIn(gateway);

  assert.equal((await ask('/not-gold')).status, 200);
  assert.equal((await ask('/not-gold', { cookie })).status, 403);
});

test('an expression sees that nobody is there', async () => {
  const statusOf = async (cookie: string) => (await ask('/ada-or-nobody', { cookie })).status;

  assert.equal((await ask('/ada-or-nobody')).status, 200);
  assert.equal(await statusOf(await logIn(gateway)), 200);
  assert.equal(await statusOf(await logIn(gateway, 'eve')), 403);
});

test('a path of the route can still want the login', async () => {
  assert.equal((await ask('/hers')).status, 302);
});

test('an issuer that is down is 503 for who has a token, and nothing for who has none', async () => {
  await using fresh = await TestIssuer.start();
  const token = await tokenOf(fresh, 'app');
  fresh.mode = 'failing';
  const policy = await readFile(join(gateway.directory, 'policy.yaml'), 'utf8');
  await gateway.reload({ 'policy.yaml': policy.replace(issuer.url, fresh.url) });

  assert.equal((await ask('/', { authorization: `Bearer ${token}` })).status, 503);
  assert.equal((await ask('/')).status, 200);
});
