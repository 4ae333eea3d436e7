import assert from 'node:assert/strict';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import {
  logIn,
  setCookiesOf,
  startSessionGateway,
} from '../../support/sessions/session-gateway.ts';

test('an endpoint answers on hosts whose routes use its provider, and nowhere else', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const status = async (path: string, host = 'app.example.test') => {
    const response = await gateway.request(path, { host });
    await response.body.dump();
    return response.statusCode;
  };

  assert.equal(await status('/.fairlead/corp/login'), 303);
  assert.equal(await status('/.fairlead/corp/login', 'other.example.test'), 404);
});

test('nothing below /.fairlead reaches a service', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);
  const paths = [
    '/.fairlead',
    '/.fairlead/',
    '/.fairlead/corp',
    '/.fairlead/corp/',
    '/.fairlead/corp/nothing',
    '/.fairlead/corp/login/',
    '/.fairlead/nobody/login',
    '/%2Efairlead/corp/login',
    '//.fairlead/corp/login',
  ];
  for (const path of paths) {
    const response = await gateway.request(path, { headers: { cookie } });
    await response.body.dump();

    assert.ok([400, 404].includes(response.statusCode), `${path}: ${response.statusCode}`);
  }
  assert.equal(application.requests, 0);
});

test('a method that an endpoint does not have is 405 and says which it has', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);

  const response = await gateway.request('/.fairlead/corp/login', { method: 'POST' });
  await response.body.dump();

  assert.equal(response.statusCode, 405);
  assert.equal(response.headers.allow, 'GET');
});

test('the body comes as it was sent, and its answer is never kept or linked', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const body = 'state=a&state=b';

  const response = await gateway.request('/.fairlead/corp/echo', { method: 'POST', body });

  assert.equal(await response.body.text(), body);
  assert.equal(response.headers['cache-control'], 'no-store');
  assert.equal(response.headers['referrer-policy'], 'no-referrer');
  assert.equal(response.headers['x-content-type-options'], 'nosniff');
  assert.match(String(response.headers['content-security-policy']), /default-src 'none'/);
  assert.deepEqual(setCookiesOf(response), []);
  assert.match(String(response.headers['strict-transport-security']), /max-age/);
});

test('a body that is too large is 413, announced or not', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const path = '/.fairlead/corp/echo';
  const large = 'x'.repeat(1001);

  const announced = await gateway.request(path, { method: 'POST', body: large });
  const streamed = await gateway.request(path, {
    method: 'POST',
    body: (async function* () {
      yield Buffer.from(large);
    })() as never,
  });
  await Promise.all([announced.body.dump(), streamed.body.dump()]);

  assert.deepEqual([announced.statusCode, streamed.statusCode], [413, 413]);
});

test('cookies get our prefix and attributes, SameSite=None only where asked for', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);

  const login = await gateway.request('/.fairlead/corp/login');
  const state = await gateway.request('/.fairlead/corp/cross-site');
  await Promise.all([login.body.dump(), state.body.dump()]);

  assert.match(
    setCookiesOf(login).join(),
    /^__Host-fairlead-corp=[\w-]{43}; Max-Age=43200; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
  );
  assert.deepEqual(setCookiesOf(state), [
    '__Host-fairlead-corp.state=x; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=None',
  ]);
});

test('same-origin endpoints refuse other sites, and change nothing', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);
  const own = `https://app.example.test:${gateway.port}`;
  const logout = async (headers: Record<string, string>) => {
    const response = await gateway.request('/.fairlead/corp/logout', {
      method: 'POST',
      headers: { cookie, ...headers },
    });
    await response.body.dump();
    return response.statusCode;
  };
  const foreign: Record<string, string>[] = [
    {},
    { origin: 'https://evil.example' },
    { origin: 'https://app.example.test' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
  ];
  for (const headers of foreign) {
    assert.equal(await logout(headers), 403, JSON.stringify(headers));
  }
  const still = await gateway.request('/', { headers: { cookie } });
  await still.body.dump();
  assert.equal(still.statusCode, 200);

  assert.equal(await logout({ origin: own }), 303);
});

test('a plugin that fails is 503 with one record, and takes nobody else along', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);
  for (let i = 0; i < 6; i += 1) {
    const path = i % 2 === 0 ? 'broken' : 'malformed';
    const response = await gateway.request(`/.fairlead/corp/${path}?code=hush`);
    const text = await response.body.text();

    assert.equal(response.statusCode, 503);
    assert.ok(!text.includes('secret'));
  }
  const routed = await gateway.request('/', { headers: { cookie } });
  await routed.body.dump();

  assert.equal(routed.statusCode, 200);
  const line = await gateway.record(2);
  assert.equal(line['url.path'], '/.fairlead/corp/broken');
  assert.equal(line['provider'], 'corp');
  assert.equal(gateway.records.length, 8);
  assert.ok(!JSON.stringify(gateway.records).includes('hush'));
});

test('what the core refuses below /.fairlead is kept nowhere and tells no address either', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const asked: readonly (readonly [number, string, string, string?])[] = [
    [401, 'GET', '/.fairlead/session'],
    [403, 'POST', '/.fairlead/corp/logout'],
    [404, 'GET', '/.fairlead/corp/nothing?code=hush'],
    [405, 'DELETE', '/.fairlead/corp/login?code=hush'],
    [413, 'POST', '/.fairlead/corp/echo', 'x'.repeat(1001)],
    [503, 'GET', '/.fairlead/corp/broken?code=hush'],
  ];
  for (const [status, method, path, body] of asked) {
    const response = await gateway.request(path, { method, ...(body !== undefined && { body }) });
    await response.body.dump();

    assert.equal(response.statusCode, status, path);
    assert.equal(response.headers['referrer-policy'], 'no-referrer', path);
    assert.equal(response.headers['cache-control'], 'no-store', path);
  }
});
