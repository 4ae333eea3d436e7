import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import type { Echo } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { TestIssuer } from '../../support/auth/issuer.ts';
import { signTexts } from '../../support/auth/jwt-harness.ts';

const parts = new AsyncDisposableStack();
let first: TestIssuer;
let second: TestIssuer;
let gateway: TestGateway;

before(async () => {
  const application = parts.use(await Application.start());
  first = parts.use(await TestIssuer.start());
  second = parts.use(await TestIssuer.start());
  const provider = (name: string, { url }: TestIssuer) =>
    `  ${name}: { plugin: jwt, issuer: "${url}", audience: app, jwks: { allowPrivate: true } }`;
  gateway = parts.use(
    await TestGateway.start({
      policy: `
services: { app: { via: tcp, host: 127.0.0.1, port: ${application.address.port} } }
providers:
${provider('one', first)}
${provider('two', second)}
tenants:
  id: identity.claims.org_id
  tier: { default: free }
  overrides: { 9007199254740995: { tier: gold } }
tiers: { free: { rate: 1/h, burst: 1 }, gold: { rate: 1000/s } }
routes:
  app:
    host: app.example.test
    service: app
    auth: [one, two]
    headers: { identity: { x-org: tenant.id, x-user: identity.claims.user.ids, x-issuer: identity.issuer } }
    paths:
      /one-org: { require: { claims: { org_id: 9007199254740995 } } }
      /other-org: { require: { claims: { org_id: { not: 9007199254740995 } } } }
      /orders: { require: { claims: { scope: { has: orders.read } } } }
      /team: { require: { claims: { team: { pattern: "team-[0-9]+", not: { suffix: "-0" } } } } }
      /adults: { require: { claims: { age: { min: 18, max: 99 }, consent: true } } }
      /staff: { require: { claims: { groups: { any: [staff, admins] } } } }
      /leads: { require: { claims: { groups: { all: [staff, leads] } } } }
      /mail: { require: { claims: { mail: { prefix: "ada.", suffix: "@example.test" } } } }
      /when:
        require:
          when: request.method == "GET" && request.headers["x-kind"] == "a" && identity.claims.groups.exists(g, g == "staff")
      /comma: { headers: { identity: { x-groups: identity.claims.groups }, lists: comma } }
      /repeated: { headers: { identity: { x-groups: identity.claims.groups }, lists: repeated } }
      /both: { auth: { all: [one, two] } }
`,
    }),
  );
});

after(() => parts.disposeAsync());

function token({ key, url }: TestIssuer, more: string): string {
  const now = Math.floor(Date.now() / 1000);
  const own = `"iss":"${url}","aud":"app","sub":"u1","iat":${now},"exp":${now + 300}`;
  return signTexts(key, JSON.stringify({ alg: 'ES256', kid: key.keyId }), `{${own},${more}}`);
}

async function call(path: string, bearer: string, more: Record<string, string> = {}) {
  const headers = { authorization: `Bearer ${bearer}`, ...more };
  const response = await gateway.request(path, { headers });
  const text = await response.body.text();
  const fields = response.statusCode === 200 ? (JSON.parse(text) as Echo).headers : [];
  const told = (name: string): string | undefined =>
    fields[fields.findIndex((each, i) => i % 2 === 0 && each.toLowerCase() === name) + 1];
  const { 'www-authenticate': challenge } = response.headers;
  return { status: response.statusCode, told, challenge };
}

test('identity fields and tenants have every digit of a number', async () => {
  const { status, told } = await call(
    '/',
    token(first, '"org_id":9007199254740993,"user":{"ids":[-281674916028284930071]}'),
  );

  assert.equal(status, 200);
  assert.equal(told('x-org'), '9007199254740993');
  assert.equal(told('x-user'), '-281674916028284930071');
});

test('tenants whose ids a double cannot tell apart have limits of their own', async () => {
  const statuses: number[] = [];
  for (const id of ['9007199254740996', '9007199254740997', '9007199254740997']) {
    statuses.push((await call('/', token(first, `"org_id":${id}`))).status);
  }
  for (let i = 0; i < 3; i += 1) {
    statuses.push((await call('/', token(first, '"org_id":9007199254740995'))).status);
  }

  assert.deepEqual(statuses, [200, 200, 429, 200, 200, 200]);
});

test('a rule for one number lets in that number and no neighbour', async () => {
  const statusOf = async (path: string, claim: string) =>
    (await call(path, token(first, `"org_id":${claim},"jti":"${path}"`))).status;

  assert.equal(await statusOf('/one-org', '9007199254740995'), 200);
  assert.equal(await statusOf('/one-org', '9.007199254740995e15'), 200);
  assert.equal(await statusOf('/one-org', '9007199254740994'), 403);
  assert.equal(await statusOf('/one-org', '"9007199254740995"'), 403);
  assert.equal(await statusOf('/other-org', '9007199254740995'), 403);
});

test('scopes, patterns and numbers of a token decide at their paths', async () => {
  const claims = (more: string) => `"org_id":9007199254740995,${more}`;
  const statusOf = async (path: string, more: string) =>
    (await call(path, token(first, claims(more)))).status;

  assert.equal(await statusOf('/orders', '"scope":"openid orders.read"'), 200);
  assert.equal(await statusOf('/orders', '"scope":"openid orders.readers"'), 403);
  assert.equal(await statusOf('/team', '"team":["x","team-7"]'), 200);
  assert.equal(await statusOf('/team', '"team":["x","my-team-7"]'), 403);
  assert.equal(await statusOf('/team', '"team":["team-7","team-0"]'), 403);
  assert.equal(await statusOf('/adults', '"age":18,"consent":true'), 200);
  assert.equal(await statusOf('/adults', '"age":"18","consent":true'), 403);
  assert.equal(await statusOf('/adults', '"age":100,"consent":true'), 403);
  assert.equal(await statusOf('/adults', '"age":18,"consent":"true"'), 403);
});

test('lists, beginnings and ends of a claim decide at their paths', async () => {
  const statusOf = async (path: string, more: string) =>
    (await call(path, token(first, `"org_id":9007199254740995,${more}`))).status;

  assert.equal(await statusOf('/staff', '"groups":["x","admins"]'), 200);
  assert.equal(await statusOf('/staff', '"groups":["x","leads"]'), 403);
  assert.equal(await statusOf('/leads', '"groups":["leads","x","staff"]'), 200);
  assert.equal(await statusOf('/leads', '"groups":["x","leads"]'), 403);
  assert.equal(await statusOf('/mail', '"mail":"ada.l@example.test"'), 200);
  assert.equal(await statusOf('/mail', '"mail":"bob.ada.@example.test"'), 403);
  assert.equal(await statusOf('/mail', '"mail":"ada.l@example.test.example"'), 403);
});

test('an expression decides by claims and request, and its reason is in the access log', async () => {
  const ask = async (claims: string, fields: Record<string, string>) => {
    const recorded = gateway.records.length;
    const { status } = await call(
      '/when',
      token(first, `"org_id":9007199254740995,${claims}`),
      fields,
    );
    return [status, (await gateway.record(recorded + 1))['reason']];
  };

  assert.deepEqual(await ask('"groups":["x","staff"]', { 'X-Kind': 'a' }), [200, undefined]);
  assert.deepEqual(await ask('"groups":["x"]', { 'x-kind': 'a' }), [403, 'policy.when']);
  assert.deepEqual(await ask('"groups":["staff"]', {}), [403, 'policy.when_error']);
  assert.deepEqual(await ask('"group":["staff"]', { 'x-kind': 'a' }), [403, 'policy.when_error']);
  const many = JSON.stringify(Array.from({ length: 1001 }, () => 'a'));
  assert.deepEqual(await ask(`"groups":${many}`, { 'x-kind': 'a' }), [
    403,
    'policy.when_too_large',
  ]);
});

test('a list of claims is one field with commas, or a field for each element', async () => {
  const ask = (path: string, groups: string) =>
    call(path, token(first, `"org_id":9007199254740995,"groups":${groups}`));

  assert.equal((await ask('/comma', '["a","b"]')).told('x-groups'), 'a,b');
  assert.equal((await ask('/comma', '["a,b"]')).status, 403);
  const { told } = await ask('/repeated', '["a,b"]');
  assert.equal(told('x-groups'), 'a,b');
});

test('a fraction that cannot be kept is nobody, so no tenant is taken for another', async () => {
  assert.equal((await call('/', token(first, '"org_id":1.00000000000000001'))).status, 403);
});

test('two issuers share a route, and each token goes to its own', async () => {
  const one = await call('/', token(first, '"org_id":9007199254740995'));
  const two = await call('/', token(second, '"org_id":9007199254740995'));

  assert.deepEqual([one.status, one.told('x-issuer')], [200, first.url]);
  assert.deepEqual([two.status, two.told('x-issuer')], [200, second.url]);
});

test('a token of a third issuer is 401 with what each provider said', async () => {
  const stranger = { key: first.key, url: 'https://stranger.example' } as TestIssuer;
  const recorded = gateway.records.length;

  const { status, challenge } = await call('/', token(stranger, '"org_id":1'));
  const line = await gateway.record(recorded + 1);

  assert.equal(status, 401);
  assert.deepEqual(
    [challenge].flat(),
    ['one', 'two'].map((realm) => `Bearer realm="${realm}", error="invalid_token"`),
  );
  assert.equal(line['reason'], 'jwt.issuer');
  assert.match(
    String(line['reason_detail']),
    /^one: token has iss "https:\/\/stranger\.example", policy wants ".+"; two: token has iss/,
  );
});

test('where both issuers are wanted one token is never enough', async () => {
  for (const issuer of [first, second]) {
    assert.equal((await call('/both', token(issuer, '"org_id":1'))).status, 401);
  }
});
