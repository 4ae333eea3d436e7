import assert from 'node:assert/strict';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { logIn } from '../../support/sessions/session-gateway.ts';
import { sessionPlugin } from '../../support/sessions/session-plugin.ts';

const FRIEND = 'https://friend.example.test';

async function start(application: Application): Promise<TestGateway> {
  const { host, port } = application.address;
  return TestGateway.start({
    plugins: [sessionPlugin()],
    policy: `
providers: { corp: { plugin: fake-login } }
services: { web: { via: tcp, host: "${host}", port: ${port} } }
routes:
  web:
    host: app.example.test
    service: web
    auth: corp
    cors: { origins: ["${FRIEND}"], methods: [PUT], headers: [x-own], credentials: true, maxAge: 5m }
  plain: { host: other.example.test, service: web, auth: public }
`,
  });
}

test('a preflight is answered by the route, without a credential', async () => {
  await using application = await Application.start();
  await using gateway = await start(application);
  const ask = async (origin: string) => {
    const response = await gateway.request('/', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PUT' },
    });
    await response.body.dump();
    return response;
  };

  const friend = await ask(FRIEND);
  const stranger = await ask('https://stranger.example.test');

  assert.equal(friend.statusCode, 204);
  assert.equal(friend.headers['access-control-allow-origin'], FRIEND);
  assert.equal(friend.headers['access-control-allow-credentials'], 'true');
  assert.equal(friend.headers['access-control-allow-methods'], 'GET, HEAD, POST, PUT');
  assert.equal(friend.headers['access-control-allow-headers'], 'x-own');
  assert.equal(friend.headers['access-control-max-age'], '300');
  assert.equal(stranger.headers['access-control-allow-origin'], undefined);
  assert.equal(stranger.headers['access-control-allow-methods'], undefined);
  assert.equal(application.requests, 0);
});

test('a 401 can be read by scripts of the route’s origins, and of no others', async () => {
  await using application = await Application.start();
  await using gateway = await start(application);
  const ask = async (origin: string) => {
    const response = await gateway.request('/', {
      headers: { origin, 'sec-fetch-mode': 'cors' },
    });
    await response.body.dump();
    return response;
  };

  const friend = await ask(FRIEND);
  const stranger = await ask('https://stranger.example.test');

  assert.deepEqual([friend.statusCode, stranger.statusCode], [401, 401]);
  assert.equal(friend.headers['access-control-allow-origin'], FRIEND);
  assert.match(String(friend.headers['access-control-expose-headers']), /www-authenticate/);
  assert.equal(friend.headers['vary'], 'Origin');
  assert.equal(stranger.headers['access-control-allow-origin'], undefined);
  assert.equal(stranger.headers['vary'], 'Origin');
});

test('the policy’s word replaces the application’s', async () => {
  await using application = await Application.start((_request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-private-network', 'true');
    response.end('ok');
  });
  await using gateway = await start(application);
  const cookie = await logIn(gateway);

  const response = await gateway.request('/', {
    headers: { cookie, origin: 'https://stranger.example.test' },
  });
  const untouched = await gateway.request('/', { host: 'other.example.test' });
  await Promise.all([response.body.dump(), untouched.body.dump()]);

  assert.equal(response.headers['access-control-allow-origin'], undefined);
  assert.equal(response.headers['access-control-allow-private-network'], undefined);
  assert.equal(untouched.headers['access-control-allow-origin'], '*');
});

test('an origin that the route trusts with credentials may change things', async () => {
  await using application = await Application.start();
  await using gateway = await start(application);
  const cookie = await logIn(gateway);
  const status = async (origin: string) => {
    const response = await gateway.request('/', { method: 'POST', headers: { cookie, origin } });
    await response.body.dump();
    return response.statusCode;
  };

  assert.equal(await status(FRIEND), 200);
  assert.equal(await status('https://stranger.example.test'), 403);
});
