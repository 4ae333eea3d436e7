import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Echo } from '../../support/applications/application.ts';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { CLOSED, GatewayScene } from '../../support/gateway/gateway-scene.ts';

const scene = GatewayScene.forFile({
  set: (port) => ({
    files: CLOSED.files,
    policy: `
services: { app: { via: tcp, host: 127.0.0.1, port: ${port} } }
providers:
  ${CLOSED.provider}
profiles: { maintenance: { respond: { status: 503, headers: { retry-after: "600" }, body: later } } }
routes:
  app:
    host: app.example.test
    service: app
    auth: public
    paths:
      /old/**: { redirect: { status: 301, path: "/new{path}?{query}" } }
      /www: { redirect: { host: www.example.test } }
      /robots.txt: { respond: { body: "User-agent: *\\n" } }
      /empty: { respond: { status: 204 } }
      /down/**: { use: [maintenance] }
      /private: { auth: local, redirect: { path: / } }
      /limited: { limits: { rate: 1/h }, respond: { body: once } }
      /api/**: { rewrite: { strip: /api, add: /v2 } }
      /bare/**: { rewrite: { strip: /bare } }
      /status: { rewrite: { path: /internal/status } }
`,
  }),
});

async function ask(path: string, method: 'GET' | 'HEAD' | 'POST' = 'GET') {
  const response = await scene.gateway.request(path, {
    method,
    headers: { 'x-forwarded-prefix': '/x' },
  });
  return {
    status: response.statusCode,
    fields: response.headers,
    text: await response.body.text(),
  };
}

test('a redirect is made of the request, with its status', async () => {
  const found = await ask('/old/a?b=c');
  const www = await ask('/www?b', 'POST');

  assert.deepEqual([found.status, found.fields['location']], [301, '/new/old/a?b=c']);
  assert.deepEqual([www.status, www.fields['location']], [308, 'https://www.example.test/www?b']);
});

test('a fixed answer has the text of the policy, and HEAD its length', async () => {
  const found = await ask('/robots.txt');
  const head = await ask('/robots.txt', 'HEAD');
  const down = await ask('/down/x', 'POST');

  assert.deepEqual([found.status, found.text], [200, 'User-agent: *\n']);
  assert.equal(found.fields['content-type'], 'text/plain; charset=utf-8');
  assert.deepEqual([head.fields['content-length'], head.text], ['14', '']);
  assert.deepEqual([down.status, down.fields['retry-after'], down.text], [503, '600', 'later']);
  assert.equal((await ask('/empty')).status, 204);
});

test('both stand behind authentication and limits', async () => {
  assert.equal((await ask('/private')).status, 401);
  const first = await ask('/limited');
  assert.equal(first.text, 'once');
  assert.ok(first.fields['ratelimit'] !== undefined);
  assert.equal((await ask('/limited')).status, 429);
});

test('the application gets the rewritten path and the stripped prefix, the log the path of the client', async () => {
  scene.gateway.records.length = 0;
  const found = JSON.parse((await ask('/api/a?b')).text) as Echo;
  const status = JSON.parse((await ask('/status?b')).text) as Echo;

  assert.equal(found.url, '/v2/a?b');
  assert.equal(found.headers[found.headers.indexOf('x-forwarded-prefix') + 1], '/api');
  assert.equal(status.url, '/internal/status?b');
  assert.ok(!status.headers.includes('x-forwarded-prefix'));
  assert.equal((await scene.gateway.record())['url.path'], '/api/a');
  assert.equal((await ask('/bare/.fairlead/session')).status, 404);
});

test('HTTP/2 gets the same', async () => {
  const session = await http2To(scene.gateway);
  const stream = session.request({ ':path': '/old/a' });
  const answered = Promise.withResolvers<readonly unknown[]>();
  stream.on('response', (fields) => answered.resolve([fields[':status'], fields['location']]));
  stream.resume();

  assert.deepEqual(await answered.promise, [301, '/new/old/a']);
  session.destroy();
});
