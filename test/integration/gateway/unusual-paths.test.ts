import assert from 'node:assert/strict';
import { text as textOf } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Echo } from '../../support/applications/application.ts';
import { http2To, rawTo } from '../../support/clients/gateway-clients.ts';
import { CLOSED, GatewayScene } from '../../support/gateway/gateway-scene.ts';
import { echoOf } from '../../support/gateway/guarded-gateway.ts';

const scene = GatewayScene.forFile({
  set: (port) => ({
    files: CLOSED.files,
    policy: `
services: { app: { via: tcp, host: 127.0.0.1, port: ${port} } }
providers:
  ${CLOSED.provider}
routes:
  app:
    host: app.example.test
    service: app
    auth: public
    path: { encodedSlash: keep, parameters: keep, emptySegments: keep }
    paths:
      /admin/**: { auth: local }
      /slow/**: { limits: { rate: 1/h } }
  strict: { host: other.example.test, service: app, auth: public }
`,
  }),
});

async function overHttp1(target: string, host = 'app.example.test') {
  using client = await rawTo(scene.gateway, { servername: host });
  client.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await client.ended();
  const status = client.statuses.at(-1)!;
  return { status, url: status === 200 ? echoOf(client.received).url : undefined };
}

async function overHttp2(target: string, host = 'app.example.test') {
  const session = await http2To(scene.gateway, host);
  const stream = session.request({ ':path': target });
  let status = 0;
  stream.on('response', (fields) => (status = Number(fields[':status'])));
  const body = await textOf(stream);
  session.destroy();
  return { status, url: status === 200 ? (JSON.parse(body) as Echo).url : undefined };
}

const CLIENTS = { 'HTTP/1.1': overHttp1, 'HTTP/2': overHttp2 } as const;

const KEPT: readonly (readonly [target: string, url?: string])[] = [
  ['/api/v4/projects/group%2Fproject?x=1'],
  ['/@scope%2ffoo', '/@scope%2Ffoo'],
  ['/api/queues/%2F/task'],
  ['/cart;jsessionid=1A53'],
  ['/map;v=2/tiles'],
  ['/bucket//key'],
  ['/dav/a%2520b.txt'],
  ['/file%2Etxt', '/file.txt'],
];

for (const [version, ask] of Object.entries(CLIENTS)) {
  test(`unusual paths reach the application of a route that keeps them, over ${version}`, async () => {
    for (const [target, url = target] of KEPT) {
      scene.gateway.records.length = 0;

      assert.deepEqual(await ask(target), { status: 200, url });

      assert.equal((await scene.gateway.record())['url.path'], url.split('?')[0]);
    }
  });

  test(`no reading of a path gets past a login, over ${version}`, async () => {
    for (const target of [
      '/admin%2Fusers',
      '/%2Fadmin/users',
      '/admin;x/users',
      '/x/..;/admin',
      '/x%2F..%2Fadmin',
      '/;/admin/users',
      '/x//../admin',
      '/%2561dmin/users',
    ]) {
      const { status } = await ask(target);

      assert.ok(status === 400 || status === 401, `${target}: ${status}`);
    }
    assert.equal((await ask('/admin/a%2Fb;c//d')).status, 401);
  });

  test(`a route that keeps nothing refuses them, over ${version}`, async () => {
    for (const [target] of KEPT.slice(0, 6)) {
      assert.equal((await ask(target, 'other.example.test')).status, 400, target);
    }
  });
}

test('the limit of a path counts every spelling of it', async () => {
  assert.equal((await overHttp1('/slow/a')).status, 200);

  for (const target of ['/slow/a%2Fb', '/slow/a;b', '/slow/a//b', '/%73low/a']) {
    assert.equal((await overHttp1(target)).status, 429, target);
  }
  assert.equal((await overHttp1('/slow;x/a')).status, 400);
  assert.equal((await overHttp1('/slow%2Fa')).status, 400);
});
