import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';
import test from 'node:test';
import { Application } from '../../support/applications/application.ts';
import type { Echo } from '../../support/applications/application.ts';
import type { TestGateway } from '../../support/gateway/gateway.ts';
import { echo, startWebSocketApplication } from '../../support/applications/websocket.ts';
import {
  logIn,
  setCookiesOf,
  startSessionGateway,
} from '../../support/sessions/session-gateway.ts';

const NAVIGATION = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };

function originOf(gateway: TestGateway): string {
  return `https://app.example.test:${gateway.port}`;
}

function fieldOf({ headers }: Echo, name: string): string | undefined {
  const at = headers.findIndex((field, i) => i % 2 === 0 && field.toLowerCase() === name);
  return at === -1 ? undefined : headers[at + 1];
}

test('the application sees its own cookies and none of ours', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);
  const ask = async (value: string, path = '/') => {
    const response = await gateway.request(path, { headers: { cookie: value } });
    return fieldOf((await response.body.json()) as Echo, 'cookie');
  };

  assert.equal(await ask(`theme=dark; ${cookie}; lang=de`), 'theme=dark; lang=de');
  assert.equal(await ask(cookie), undefined);
  assert.equal(await ask(`${cookie}; a=1`, '/public/x'), 'a=1');
});

test('an application cannot plant a session of ours', async () => {
  await using application = await Application.start((_request, response) => {
    response.setHeader('set-cookie', ['own=1', '__host-Fairlead-corp=planted; Path=/; Secure']);
    response.end('ok');
  });
  await using gateway = await startSessionGateway(application);

  const response = await gateway.request('/public/x');
  await response.body.dump();

  assert.deepEqual(setCookiesOf(response), ['own=1']);
});

test('cookies of an authentication travel with the response, which is then nobody else’s', async () => {
  await using application = await Application.start((_request, response) => {
    response.setHeader('cache-control', 'public, max-age=60');
    response.end('ok');
  });
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);

  const response = await gateway.request('/cookies', { headers: { cookie } });
  await response.body.dump();

  assert.deepEqual(setCookiesOf(response), [
    '__Host-fairlead-corp.note=kept; Path=/; Secure; HttpOnly; SameSite=Lax',
  ]);
  assert.equal(response.headers['cache-control'], 'no-store');
});

test('a plugin reads its cookie back', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);

  const response = await gateway.request('/.fairlead/corp/cookie', {
    headers: { cookie: '__Host-fairlead-corp.note=kept' },
  });

  assert.equal(await response.body.json(), 'kept');
});

test('two cookies of one name are no session', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);

  const response = await gateway.request('/', {
    headers: { cookie: `${cookie}; ${cookie}` },
  });
  await response.body.dump();

  assert.equal(response.statusCode, 401);
});

test('what may change something is refused when another site sent it', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);
  const own = originOf(gateway);
  const status = async (method: string, headers: Record<string, string>) => {
    const response = await gateway.request('/', { method, headers: { cookie, ...headers } });
    await response.body.dump();
    return response.statusCode;
  };

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    assert.equal(await status(method, { origin: 'https://evil.example' }), 403, method);
    assert.equal(await status(method, {}), 403, method);
    assert.equal(await status(method, { origin: own }), 200, method);
  }
  assert.equal(await status('POST', { 'sec-fetch-site': 'same-origin' }), 200);
  assert.equal(await status('POST', { 'sec-fetch-site': 'same-site' }), 403);
  assert.equal(await status('GET', { origin: 'https://evil.example' }), 200);
});

test('a WebSocket handshake of another site is refused', async () => {
  await using application = await startWebSocketApplication(echo);
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);

  assert.equal(await handshake(gateway, { cookie, origin: 'https://evil.example' }), 403);
  assert.equal(await handshake(gateway, { cookie }), 403);
  assert.equal(await handshake(gateway, { cookie, origin: originOf(gateway) }), 101);
});

test('who loads a page is redirected with cookies; who does not gets 401 and where to log in', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);

  const page = await gateway.request('/inbox?a=b', { headers: NAVIGATION });
  const script = await gateway.request('/api', {
    headers: { accept: '*/*', 'sec-fetch-mode': 'cors', referer: `${originOf(gateway)}/inbox?a=b` },
  });
  const problem = (await script.body.json()) as { login: string };
  await page.body.dump();

  assert.equal(page.statusCode, 302);
  assert.equal(page.headers.location, '/.fairlead/corp/login');
  assert.match(setCookiesOf(page).join(), /^__Host-fairlead-corp\.login=begun; Max-Age=600; /);
  assert.equal(script.statusCode, 401);
  assert.equal(script.headers['www-authenticate'], 'Fake realm="corp"');
  assert.deepEqual(setCookiesOf(script), []);
  assert.equal(
    problem.login,
    `${originOf(gateway)}/.fairlead/corp/login?return_to=%2Finbox%3Fa%3Db`,
  );
});

test('the way back leads to this site only', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const foreign = [
    'https://evil.example/x',
    `http://app.example.test:${gateway.port}/x`,
    'https://app.example.test.evil.example/x',
    '//evil.example',
    'no url',
  ];
  for (const referer of foreign) {
    const response = await gateway.request('/api', { headers: { referer } });
    const { login } = (await response.body.json()) as { login: string };

    assert.equal(login, `${originOf(gateway)}/.fairlead/corp/login`, referer);
  }
});

test('a form sent on an ended session gets 401 and a page with a way back, not a redirect', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);

  const response = await gateway.request('/order', {
    method: 'POST',
    headers: { ...NAVIGATION, referer: `${originOf(gateway)}/cart` },
    body: 'a=b',
  });
  const page = await response.body.text();

  assert.equal(response.statusCode, 401);
  assert.match(
    page,
    /<a class="button" href="https:[^"]*\/\.fairlead\/corp\/login\?return_to=%2Fcart">/,
  );
  assert.ok(!page.includes('<script'));
});

test('a logout ends the streams of the session, and the record says why', async () => {
  await using application = await Application.start(startStream);
  await using gateway = await startSessionGateway(application);
  const cookie = await logIn(gateway);
  const stream = await gateway.request('/events', { headers: { cookie } });
  const ended = once(stream.body, 'error');
  await once(stream.body, 'readable');

  const logout = await gateway.request('/.fairlead/corp/backchannel-logout', {
    method: 'POST',
    body: 'ada',
  });
  const started = performance.now();

  assert.deepEqual(await logout.body.json(), { ended: 1 });
  await ended;
  assert.ok(performance.now() - started < 1000);
  const line = gateway.records.find((each) => each['url.path'] === '/events');
  assert.equal(line?.['fault'], 'identity_ended');
});

test('a session ends the login of one person only', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application);
  const ada = await logIn(gateway, 'ada');
  const bob = await logIn(gateway, 'bob');
  const status = async (cookie: string) => {
    const response = await gateway.request('/', { headers: { cookie } });
    await response.body.dump();
    return response.statusCode;
  };

  await (
    await gateway.request('/.fairlead/corp/backchannel-logout', { method: 'POST', body: 'ada' })
  ).body.dump();

  assert.deepEqual([await status(ada), await status(bob)], [401, 200]);
});

test('sessions in cookies work through the gateway, which says at start what they cannot do', async () => {
  await using application = await Application.start();
  await using gateway = await startSessionGateway(application, {
    gateway: `sessions: { store: cookie, keys: ["${'0123456789abcdef'.repeat(4)}"] }`,
  });

  const cookie = await logIn(gateway);
  const response = await gateway.request('/', { headers: { cookie } });
  const echo = (await response.body.json()) as Echo;

  assert.match(cookie, /^__Host-fairlead-corp\.s0=1ey/);
  assert.equal(response.statusCode, 200);
  assert.equal(fieldOf(echo, 'cookie'), undefined);
  assert.match(gateway.lines.join(), /store is cookie: no back-channel logout/);
});

function startStream(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('data: hello\n\n');
}

/** The status that a handshake over HTTP/1.1 gets. */
async function handshake(
  gateway: TestGateway,
  headers: Record<string, string>,
): Promise<number | undefined> {
  const host = 'app.example.test';
  const request = httpsRequest({
    host: '127.0.0.1',
    port: gateway.port,
    path: '/ws',
    servername: host,
    ca: gateway.caPem,
    headers: {
      host,
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  });
  request.end();
  const answered = [once(request, 'response'), once(request, 'upgrade')];
  const [response] = (await Promise.race(answered)) as [IncomingMessage];
  request.destroy();
  return response.statusCode;
}
