import assert from 'node:assert/strict';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { cookieOf, setCookiesOf } from '../../support/sessions/session-gateway.ts';
import { sessionPlugin } from '../../support/sessions/session-plugin.ts';

const NAVIGATION = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

async function start(application: Application, auth = '[corp, partners]'): Promise<TestGateway> {
  const { host, port } = application.address;
  return TestGateway.start({
    plugins: [sessionPlugin()],
    policy: `
providers: { corp: { plugin: fake-login }, partners: { plugin: fake-login } }
services: { web: { via: tcp, host: "${host}", port: ${port} } }
routes: { web: { host: app.example.test, service: web, auth: ${auth} } }
`,
  });
}

test('with several logins a person chooses, on a page without scripts', async () => {
  await using application = await Application.start();
  await using gateway = await start(application);

  const response = await gateway.request('/inbox?a=b&c', { headers: NAVIGATION });
  const page = await response.body.text();

  assert.equal(response.statusCode, 401);
  assert.match(page, /<a class="row" href="\/inbox\?a=b&amp;c&amp;idp=corp">corp<\/a>/);
  assert.match(page, /<a class="row" href="\/inbox\?a=b&amp;c&amp;idp=partners">partners<\/a>/);
  assert.ok(!page.includes('<script'));
  assert.match(String(response.headers['content-security-policy']), /style-src 'sha256-/);
  assert.deepEqual(setCookiesOf(response), []);
});

const CHOICE = '__Host-fairlead-.choice=partners';

test('the choice leads to that login alone, and is not kept: anybody can write such a link', async () => {
  await using application = await Application.start();
  await using gateway = await start(application);

  const chosen = await gateway.request('/inbox?idp=partners', { headers: NAVIGATION });
  const cookie = cookieOf(chosen);
  const later = await gateway.request('/inbox', { headers: { ...NAVIGATION, cookie } });
  await chosen.body.dump();

  assert.equal(chosen.headers.location, '/.fairlead/partners/login');
  assert.match(setCookiesOf(chosen).join(' '), /partners\.login=begun/);
  assert.doesNotMatch(setCookiesOf(chosen).join(' '), /corp\.login|\.choice/);
  assert.match(await later.body.text(), /Who do you sign in with\?/);
});

test('the login that somebody came in by is remembered, once', async () => {
  await using application = await Application.start();
  await using gateway = await start(application);
  const login = await gateway.request('/.fairlead/partners/login');
  const cookie = cookieOf(login);

  const first = await gateway.request('/', { headers: { cookie } });
  const next = await gateway.request('/', { headers: { cookie: `${cookie}; ${CHOICE}` } });
  const later = await gateway.request('/', { headers: { ...NAVIGATION, cookie: CHOICE } });
  await Promise.all([login, first, next, later].map(({ body }) => body.dump()));

  assert.equal(first.statusCode, 200);
  assert.match(setCookiesOf(first).join(), new RegExp(`^${CHOICE}; Max-Age=15552000; `));
  assert.deepEqual(setCookiesOf(next), []);
  assert.equal(later.headers.location, '/.fairlead/partners/login');
});

test('whoever has a choice gets another by a hint, or the page by an empty one', async () => {
  await using application = await Application.start();
  await using gateway = await start(application);
  const headers = { ...NAVIGATION, cookie: CHOICE };

  const other = await gateway.request('/?idp=corp', { headers });
  const page = await gateway.request('/inbox?idp=', { headers });
  await other.body.dump();

  assert.equal(other.headers.location, '/.fairlead/corp/login');
  assert.match(await page.body.text(), /<a class="row" href="\/inbox\?idp=corp">corp<\/a>/);
});

for (const path of ['/.fairlead/partners/logout', '/.fairlead/session']) {
  test(`a logout by ${path} clears the choice`, async () => {
    await using application = await Application.start();
    await using gateway = await start(application);
    const login = await gateway.request('/.fairlead/partners/login');
    const cookie = `${cookieOf(login)}; ${CHOICE}`;
    const origin = `https://app.example.test:${gateway.port}`;

    const logout = await gateway.request(path, { method: 'POST', headers: { cookie, origin } });
    await Promise.all([login.body.dump(), logout.body.dump()]);

    assert.match(setCookiesOf(logout).join(' '), /-\.choice=; Max-Age=0; Path=\/; Secure/);
  });
}

test('a hint or a memory of nobody is no choice', async () => {
  await using application = await Application.start();
  await using gateway = await start(application);
  const asks = async (path: string, cookie = 'a=b') => {
    const response = await gateway.request(path, { headers: { ...NAVIGATION, cookie } });
    return (await response.body.text()).includes('Who do you sign in with?');
  };

  assert.equal(await asks('/?idp=nobody'), true);
  assert.equal(await asks('/?idp=corp&idp=partners'), true);
  assert.equal(await asks('/', '__Host-fairlead-.choice=nobody'), true);
});

test('one login needs no choice, and who loads no page gets every way', async () => {
  await using application = await Application.start();
  await using gateway = await start(application, 'corp');
  await using several = await start(application);

  const single = await gateway.request('/?idp=partners', { headers: NAVIGATION });
  const script = await several.request('/', { headers: { accept: '*/*' } });
  await Promise.all([single.body.dump(), script.body.dump()]);

  assert.equal(single.headers.location, '/.fairlead/corp/login');
  assert.equal(script.statusCode, 401);
  assert.equal(
    String(script.headers['www-authenticate']),
    'Fake realm="corp",Fake realm="partners"',
  );
});

test('the login is told the address without the hint', async () => {
  await using application = await Application.start();
  const seen: string[] = [];
  const plugin = sessionPlugin(undefined, undefined, (url) => void seen.push(url.search));
  const { host, port } = application.address;
  await using gateway = await TestGateway.start({
    plugins: [plugin],
    policy: `
providers: { corp: { plugin: fake-login }, partners: { plugin: fake-login } }
services: { web: { via: tcp, host: "${host}", port: ${port} } }
routes: { web: { host: app.example.test, service: web, auth: [corp, partners] } }
`,
  });

  const response = await gateway.request('/?a=1&idp=corp&b=2', { headers: NAVIGATION });
  await response.body.dump();

  assert.deepEqual(seen, ['?a=1&b=2']);
});
