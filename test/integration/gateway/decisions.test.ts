import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { text as textOf } from 'node:stream/consumers';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Application, echoRequest } from '../../support/applications/application.ts';
import { http2To, secureTo } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { startRouter, type RunningRouter } from '../../support/routers/router.ts';
import type { DecisionRecord } from '../../../src/record/decisions/decision-record.ts';
import { makeIssuerKey, signWith } from '../../support/auth/issuer.ts';

const HOST = 'Host: app.example.test\r\n';
const SECRET = 's3cret';
/** Of a claim that the policy does not name. */
const PRIVATE = 'person@private.example';

let application: Application;
let router: RunningRouter;
let gateway: TestGateway;
let token: string;
let forged: string;

before(async () => {
  application = await Application.start((request, response) => {
    response.setHeader('Fairlead-Decision', 'allow;id="forged"');
    if (request.url === '/cut') response.write('half', () => response.destroy());
    else echoRequest(request, response);
  });
  const key = await makeIssuerKey();
  const exp = Math.floor(Date.now() / 1000) + 600;
  const claims = {
    iss: 'https://i.test',
    aud: 'web',
    sub: 'alice',
    org: 'acme',
    email: PRIVATE,
    exp,
  };
  token = await signWith(key, claims, { typ: 'at+jwt' });
  forged = await signWith(await makeIssuerKey(), claims, { typ: 'at+jwt' });
  router = await startRouter({ connectors: { 'app:1': application.address } });
  gateway = await TestGateway.start({
    links: [router.link],
    network: 'creditWait: 200ms',
    policy: `
tenants: { id: identity.claims.org, tier: { default: free } }
tiers: { free: { rate: 1000/s } }
providers:
  first: { plugin: jwt, issuer: https://other.test, audience: web, jwks: { keys: [${JSON.stringify(key.jwk)}] } }
  api: { plugin: jwt, issuer: https://i.test, audience: web, jwks: { keys: [${JSON.stringify(key.jwk)}] } }
services:
  app: { address: "app:1" }
  nobody: { address: "nobody:1" }
routes:
  app: { host: app.example.test, service: app, auth: public }
  api: { host: api.wild.example.test, service: app, auth: [first, api], paths: { /admin: { require: { claims: { role: admin } } }, "/**": { limits: { rate: 2/h } } } }
  nobody: { host: other.example.test, service: nobody, auth: public }
`,
  });
});

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await router?.[Symbol.asyncDispose]();
  await application?.[Symbol.asyncDispose]();
});

for (const version of ['1.1', '2'] as const) {
  test(`HTTP/${version}: a refusal of the gates, of forwarding and of a page names code and id`, async () => {
    for (const [host, path, code, gate] of [
      ['app.example.test', '/.fairlead/nothing', 'no_route', 'own-page'],
      ['app.example.test', '/a%00b', 'invalid_path', 'route'],
      ['api.wild.example.test', '/', 'authentication_required', 'authenticate'],
      ['other.example.test', '/', 'service_unavailable', 'forward'],
    ] as const) {
      const { field, body } = await ask(version, host, `${path}?q=${SECRET}`);

      const id = idOf(field, code);
      assert.equal(id, (JSON.parse(body) as { id: string }).id);
      const record = await kept(id);
      assert.deepEqual([record.gate, record.code, record.outcome], [gate, code, 'refused']);
      assert.ok(!JSON.stringify(record).includes(SECRET));
    }
  });

  test(`HTTP/${version}: a refusal of the listener names code and id`, async () => {
    const field = await listenerRefusal(version);

    const record = await kept(idOf(field, 'method_not_allowed'));
    assert.equal(record.gate, 'listener');
    assert.equal(record.request.method, 'TRACE');
  });

  test(`HTTP/${version}: an application cannot say what the gateway decided`, async () => {
    const { field, body } = await ask(version, 'app.example.test', '/');

    assert.equal(field, undefined);
    assert.ok(!body.includes('forged'));
  });
}

test('the access line has the id that the client was told', async () => {
  const { field } = await ask('1.1', 'nowhere.wild.example.test', '/');

  const id = idOf(field, 'no_route');
  const line = gateway.records.find((each) => each['id'] === id);
  assert.equal(line?.['refusal'], 'no_route');
});

test('a record says what each provider said, tenant, limits and where it is written', async () => {
  const headers = { authorization: `Bearer ${token}`, cookie: `a=${SECRET}` };
  const forbidden = await ask('1.1', 'api.wild.example.test', '/admin', headers);
  await ask('1.1', 'api.wild.example.test', '/', headers);
  await ask('1.1', 'api.wild.example.test', '/', headers);
  const limited = await ask('1.1', 'api.wild.example.test', '/', headers);

  const required = await kept(idOf(forbidden.field, 'forbidden'));
  const record = await kept(idOf(limited.field, 'rate_limited'));

  assert.equal(required.gate, 'require');
  assert.equal(required.reason?.code, 'require.claims');
  assert.deepEqual(
    record.providers.map(({ provider, said }) => [provider, said]),
    [
      ['first', 'pass'],
      ['api', 'identity'],
    ],
  );
  assert.match(record.providers[1]!.at!, /policy.*\.yaml:\d+:\d+$/);
  assert.match(record.route!.at, /policy.*\.yaml:\d+:\d+$/);
  assert.deepEqual(record.tenant, {
    id: 'acme',
    kind: 'claim',
    tier: 'free',
    limits: 'tiers.free',
  });
  const [tier, path] = record.limits;
  assert.deepEqual([tier!.name, tier!.amount], ['tiers.free.rate', '1000/s']);
  assert.ok(tier!.left > 900);
  assert.deepEqual([path!.name, path!.amount, path!.left], ['routes.api.paths./**.rate', '2/h', 0]);
  assert.ok(path!.waitMs > 0);
  const all = JSON.stringify([required, record]);
  for (const secret of [SECRET, PRIVATE, token, token.split('.')[2]!])
    assert.ok(!all.includes(secret));
});

test('an id that is not there is 404, and explain --id says so with exit code 1', async () => {
  const id = '01KB4R7Q9ZC2M8XW5TN3VHEJ6D';
  const response = await admin(`/-/decisions/${id}`);

  assert.equal(response.status, 404);
  assert.equal((await admin('/-/decisions/')).status, 404);
  assert.equal((await admin('/-/decisions/..%2f..%2fetc')).status, 404);
  const done = await explainId(id);
  assert.equal(done.code, 1);
  assert.match(done.stderr, /no decision with this id is kept/);
});

test('the list has the last refusals, the newest first', async () => {
  await ask('1.1', 'nowhere.wild.example.test', '/older');
  await ask('1.1', 'nowhere.wild.example.test', '/newer');

  const response = await admin('/-/decisions');

  const { refusals } = (await response.json()) as { refusals: DecisionRecord[] };
  assert.deepEqual(
    refusals.slice(0, 2).map(({ request }) => request.path),
    ['/newer', '/older'],
  );
});

test('explain --id prints what decided a live request', async () => {
  const { field } = await ask('1.1', 'api.wild.example.test', '/x', {
    authorization: `Bearer ${forged}`,
  });
  const id = idOf(field, 'credential_rejected');

  const { code, stdout } = await explainId(id);

  assert.equal(code, 0);
  assert.match(stdout, /^request +GET api\.wild\.example\.test\/x/m);
  assert.match(stdout, /^route +api, path \/\*\* to service app +.*yaml:\d+:\d+$/m);
  assert.match(stdout, /^rule +auth \[ ?first, api ?\] +.*yaml:\d+:\d+$/m);
  assert.match(stdout, /^provider +first: leaves it to another, jwt\.issuer/m);
  assert.match(stdout, /^provider +api: denied, jwt\.signature.* +.*yaml:\d+:\d+$/m);
  assert.match(stdout, /^outcome +401 credential_rejected at gate authenticate$/m);
  assert.match(stdout, /^reason +jwt\.signature/m);
});

test('explain --id --format json prints the record', async () => {
  const { field } = await ask('1.1', 'api.wild.example.test', '/x');
  const id = idOf(field, 'authentication_required');

  const { code, stdout } = await explainId(id, undefined, ['--format', 'json']);

  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), await kept(id));
});

test('explain --id without a gateway to ask is exit code 2', async () => {
  const done = await explainId('x', '127.0.0.1:1');

  assert.equal(done.code, 2);
  assert.match(done.stderr, /127\.0\.0\.1:1/);
});

function idOf(field: string | undefined, code: string): string {
  const found = /^deny;reason="([a-z_]+)";id="([0-9A-HJKMNP-TV-Z]{26})"$/.exec(field ?? '');
  assert.ok(found, String(field));
  assert.equal(found[1], code);
  return found[2]!;
}

async function kept(id: string): Promise<DecisionRecord> {
  const response = await admin(`/-/decisions/${id}`);
  assert.equal(response.status, 200, id);
  assert.equal(response.headers.get('content-type'), 'application/json');
  const record = (await response.json()) as DecisionRecord;
  assert.equal(record.id, id);
  return record;
}

function admin(path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${gateway.gateway.adminPort}${path}`);
}

async function ask(
  version: '1.1' | '2',
  host: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ field: string | undefined; body: string }> {
  if (version === '1.1') {
    const response = await gateway.request(path, { host, headers });
    const field = response.headers['fairlead-decision']?.toString();
    return { field, body: await response.body.text() };
  }
  const session = await http2To(gateway, host);
  const stream = session.request({ ':path': path, ':authority': host, ...headers });
  const [head] = (await once(stream, 'response')) as [Record<string, string>];
  const body = await textOf(stream);
  session.destroy();
  return { field: head['fairlead-decision'], body };
}

async function listenerRefusal(version: '1.1' | '2'): Promise<string | undefined> {
  if (version === '1.1') {
    const socket = await secureTo(gateway);
    socket.write(`TRACE / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
    return /^fairlead-decision: (.*)\r$/im.exec(await textOf(socket))?.[1];
  }
  const session = await http2To(gateway);
  const stream = session.request({ ':method': 'TRACE', ':path': '/' });
  const [head] = (await once(stream, 'response')) as [Record<string, string>];
  stream.resume();
  session.destroy();
  return head['fairlead-decision'];
}

async function explainId(id: string, address?: string, more: readonly string[] = []) {
  const main = join(import.meta.dirname, '../../../src/main.ts');
  const asked = address ?? `127.0.0.1:${gateway.gateway.adminPort}`;
  const argv = ['--conditions=source', main, 'explain', '--id', id, '--admin', asked, ...more];
  const child = spawn(process.execPath, argv);
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { code, stdout, stderr };
}
