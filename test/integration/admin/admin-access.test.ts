import assert from 'node:assert/strict';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { IncomingMessage } from 'node:http';
import { AdminServer } from '../../../src/admin/admin-server.ts';
import type { AdminAction } from '../../../src/admin/admin-sources.ts';
import { Secret } from '../../../src/core/secret.ts';
import { adminPolicy, adminSources } from '../../support/gateway/admin.ts';
import { issue, makeCa } from '../../support/tools/certificates.ts';

const TOKEN = 'a-token-of-the-operators';
const TOKENS = { kind: 'tokens', tokens: [new Secret(TOKEN)] } as const;
const JSON_TYPE = { 'content-type': 'application/json' };

interface Asked {
  readonly status: number | undefined;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** Sends what `fetch` would not: a Host of another site. */
async function ask(port: number, path: string, options: RequestOptions = {}): Promise<Asked> {
  const isTls = options.ca !== undefined;
  const sent = (isTls ? requestTls : requestPlain)({ host: '127.0.0.1', port, path, ...options });
  sent.end(options.method === 'POST' ? '{}' : undefined);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', reject);
  });
  const { statusCode: status, headers } = response;
  return { status, headers, body: await text(response) };
}

function withAction(done: () => void): Pick<Parameters<typeof adminSources>[0] & object, 'action'> {
  const action: AdminAction = (sent) => {
    done();
    return Promise.resolve({ status: 200, value: { sent } });
  };
  return { action: (path) => (path === '/-/reload' ? action : undefined) };
}

test('answers under addresses, localhost and the names of the policy, and under no other name', async () => {
  await using admin = await AdminServer.start(
    adminPolicy({ hosts: ['fairlead.internal'] }),
    adminSources(),
  );
  const statuses: Record<string, number | undefined> = {};

  for (const host of [
    '127.0.0.1:9090',
    '[::1]:9090',
    'LOCALHOST',
    'fairlead.internal:1',
    'evil.example',
    'localhost.evil.example',
  ]) {
    statuses[host] = (await ask(admin.port, '/-/config', { headers: { host } })).status;
  }

  assert.deepEqual(statuses, {
    '127.0.0.1:9090': 200,
    '[::1]:9090': 200,
    LOCALHOST: 200,
    'fairlead.internal:1': 200,
    'evil.example': 421,
    'localhost.evil.example': 421,
  });
});

test('asks for a token everywhere but at /healthz, and takes no part of one', async () => {
  await using admin = await AdminServer.start(adminPolicy({ auth: TOKENS }), adminSources());
  const as = (authorization?: string) =>
    authorization === undefined ? {} : { headers: { authorization } };
  const status = async (path: string, authorization?: string) =>
    (await ask(admin.port, path, as(authorization))).status;

  assert.equal(await status('/healthz'), 200);
  for (const path of [
    '/readyz',
    '/metrics',
    '/-/config',
    '/-/network',
    '/-/decisions',
    '/nothing',
  ]) {
    assert.equal(await status(path), 401, path);
  }
  assert.equal(await status('/-/config', `Bearer ${TOKEN}`), 200);
  assert.equal(await status('/-/config', `bearer ${TOKEN}`), 200);
  for (const wrong of [
    `Bearer ${TOKEN.slice(1)}`,
    `Bearer ${TOKEN}x`,
    'Bearer ',
    `Basic ${TOKEN}`,
  ]) {
    assert.equal(await status('/-/config', wrong), 401, wrong);
  }
});

test('with clientCa the admin listener speaks TLS and knows its clients by their certificates', async () => {
  const [ca, stranger] = [await makeCa('operators'), await makeCa('strangers')];
  const server = await issue(ca, { names: ['localhost'] });
  const certificate = {
    certFile: '',
    keyFile: '',
    certPem: server.certPem,
    keyPem: new Secret(server.keyPem),
    names: [],
  };
  await using admin = await AdminServer.start(
    adminPolicy({ certificate, auth: { kind: 'clientCa', caPem: ca.certPem } }),
    adminSources(),
  );
  const with_ = async (authority: typeof ca | undefined, path = '/-/config') => {
    const own = authority && (await issue(authority, { names: ['operator'], client: true }));
    const tls = { ca: ca.certPem, servername: 'localhost', cert: own?.certPem, key: own?.keyPem };
    return (await ask(admin.port, path, tls)).status;
  };

  assert.deepEqual(
    [
      await with_(ca),
      await with_(stranger),
      await with_(undefined),
      await with_(undefined, '/healthz'),
    ],
    [200, 401, 401, 200],
  );
});

test('a POST needs JSON and no other origin, so no page of another site can send it', async () => {
  let done = 0;
  await using admin = await AdminServer.start(
    adminPolicy(),
    adminSources(withAction(() => (done += 1))),
  );
  const post = async (headers: Record<string, string>, path = '/-/reload') =>
    (await ask(admin.port, path, { method: 'POST', headers })).status;
  const host = `127.0.0.1:${admin.port}`;

  assert.equal(await post({}), 415);
  assert.equal(await post({ 'content-type': 'text/plain' }), 415);
  assert.equal(await post({ ...JSON_TYPE, origin: 'http://evil.example' }), 403);
  assert.equal(await post({ ...JSON_TYPE, origin: 'null' }), 403);
  assert.equal(await post({ ...JSON_TYPE, origin: `https://${host}` }), 403);
  assert.equal(done, 0);
  assert.equal(await post({ ...JSON_TYPE, origin: `http://${host}` }), 200);
  assert.equal(await post({ 'content-type': 'application/json; charset=utf-8' }), 200);
  assert.equal(done, 2);
  assert.equal(await post(JSON_TYPE, '/-/config'), 404);
});

test('gives no other site leave to read: no CORS field, and OPTIONS is refused', async () => {
  await using admin = await AdminServer.start(adminPolicy(), adminSources(withAction(() => {})));
  const origin = { origin: 'http://evil.example', 'access-control-request-method': 'POST' };

  const preflight = await ask(admin.port, '/-/reload', { method: 'OPTIONS', headers: origin });
  const read = await ask(admin.port, '/-/config', { headers: origin });

  assert.equal(preflight.status, 405);
  for (const { headers } of [preflight, read]) {
    assert.deepEqual(
      Object.keys(headers).filter((name) => name.startsWith('access-control')),
      [],
    );
  }
});

test('the health listener serves health, readiness without reasons, metrics if asked, and nothing else', async () => {
  const address = { address: '127.0.0.1', port: 0 };
  const sources = adminSources({
    ...withAction(() => assert.fail()),
    readiness: () => ({ isReady: false, reasons: ['provider corp is failed'] }),
  });
  await using admin = await AdminServer.start(
    adminPolicy({ health: address, auth: TOKENS }),
    sources,
  );
  await using measured = await AdminServer.start(
    adminPolicy({ health: address, metrics: true }),
    sources,
  );
  const get = (path: string, { healthPort }: AdminServer = admin) => ask(healthPort!, path);

  assert.equal((await get('/healthz')).status, 200);
  const ready = await get('/readyz');
  assert.deepEqual([ready.status, JSON.parse(ready.body)], [503, { ready: false }]);
  assert.equal((await get('/metrics')).status, 404);
  assert.equal((await get('/metrics', measured)).body, 'a 1\n');
  for (const path of ['/-/config', '/-/network', '/-/decisions', '/']) {
    assert.equal((await get(path, measured)).status, 404, path);
  }
  const post = await ask(admin.healthPort!, '/-/reload', { method: 'POST', headers: JSON_TYPE });
  assert.equal(post.status, 405);
});

test('a reload changes tokens and hosts, and never opens a listener that other machines reach', async () => {
  const open = { address: '0.0.0.0', port: 0 };
  await using admin = await AdminServer.start(
    adminPolicy({ listen: open, auth: TOKENS }),
    adminSources(),
  );
  const status = async (token: string) =>
    (await ask(admin.port, '/-/config', { headers: { authorization: `Bearer ${token}` } })).status;

  admin.update(
    adminPolicy({
      listen: open,
      auth: { kind: 'tokens', tokens: [new Secret('the-next-token-of-them')] },
    }),
  );
  assert.deepEqual([await status(TOKEN), await status('the-next-token-of-them')], [401, 200]);
  // The policy says loopback now, where no auth is needed; the socket is still the open one.
  admin.update(adminPolicy());
  assert.deepEqual([await status(TOKEN), await status('the-next-token-of-them')], [401, 200]);
});

test('a body that is too large or no JSON is refused', async () => {
  await using admin = await AdminServer.start(
    adminPolicy(),
    adminSources(withAction(() => assert.fail())),
  );
  const post = async (body: string) => {
    const url = `http://127.0.0.1:${admin.port}/-/reload`;
    return (await fetch(url, { method: 'POST', headers: JSON_TYPE, body })).status;
  };

  assert.deepEqual([await post('{'), await post(JSON.stringify('x'.repeat(5000)))], [400, 413]);
});
