import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';
import { TestIssuer } from '../../support/auth/issuer.ts';

interface Kept {
  readonly provider: string;
  readonly reason: string;
  readonly until: string;
}

const parts = new AsyncDisposableStack();
let application: Application;
let issuer: TestIssuer;
/** Another place at which keys are published. */
let other: TestIssuer;

before(async () => {
  application = parts.use(await Application.start());
  issuer = parts.use(await TestIssuer.start());
  other = parts.use(await TestIssuer.start());
});

beforeEach(() => {
  issuer.mode = 'ok';
  other.mode = 'ok';
});

after(() => parts.disposeAsync());

interface Settings {
  readonly iss?: string;
  readonly audience?: string;
  readonly jwks?: string;
}

function policyOf({ iss = issuer.url, audience = '[a, b]', jwks = '' }: Settings): string {
  return `
services: { app: { via: tcp, host: 127.0.0.1, port: ${application.address.port} } }
providers:
  api: { plugin: jwt, issuer: "${iss}", audience: ${audience}, jwks: { allowPrivate: true, ${jwks} } }
routes: { app: { host: app.example.test, service: app, auth: api } }
`;
}

async function call(gateway: TestGateway, bearer: string): Promise<number> {
  const headers = { authorization: `Bearer ${bearer}` };
  const response = await gateway.request('/', { headers });
  await response.body.dump();
  return response.statusCode;
}

async function admin<T>(gateway: TestGateway, path: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${gateway.gateway.adminPort}${path}`);
  return (await response.json()) as T;
}

async function keptBy(gateway: TestGateway): Promise<readonly Kept[]> {
  return (await admin<{ readonly notReplaced: readonly Kept[] }>(gateway, '/-/config')).notReplaced;
}

async function untilAnswered(
  gateway: TestGateway,
  bearer: string,
  wanted: number,
): Promise<readonly number[]> {
  const seen: number[] = [];
  const end = performance.now() + 30_000;
  while (seen.at(-1) !== wanted && performance.now() < end) {
    seen.push(await call(gateway, bearer));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return seen;
}

test('keys at a place that is down: the ones before count, all say so, and the new ones come', async () => {
  const tokens = {
    before: await issuer.sign({ sub: 'u', aud: 'a' }, Date.now()),
    after: await other.sign({ iss: issuer.url, sub: 'u', aud: 'a' }, Date.now()),
  };
  await using gateway = await TestGateway.start({ policy: policyOf({}) });
  other.mode = 'failing';

  await gateway.reload({ 'policy.yaml': policyOf({ jwks: `url: "${other.url}/keys"` }) });
  const answer = await call(gateway, tokens.before);
  const [kept] = await keptBy(gateway);
  const ready = await admin<{ ready: boolean; reasons: readonly string[] }>(gateway, '/readyz');
  other.mode = 'ok';
  const seen = await untilAnswered(gateway, tokens.after, 200);

  assert.equal(answer, 200);
  assert.equal(kept?.provider, 'api');
  assert.match(kept.reason, /1 loads of keys failed, no keys/);
  assert.ok(Date.parse(kept.until) > Date.now() + 3_000_000, kept.until);
  assert.equal(ready.ready, true);
  assert.match(
    ready.reasons.join('\n'),
    /^degraded: provider api is degraded: the new options are not in use.*no keys$/,
  );
  const reload = gateway.lines.find((line) => line.includes('policy reloaded'));
  assert.match(reload ?? '', /"not_replaced":\[\{"provider":"api","reason":"[^"]*no keys"/);
  assert.ok(gateway.lines.some((line) => line.includes('provider was not replaced')));
  assert.deepEqual(new Set(seen), new Set([401, 200]), 'never a 503');
  assert.deepEqual(await keptBy(gateway), []);
  assert.equal(await call(gateway, tokens.before), 401);
});

/** What the policy does not want any more, and the answer to it while the issuer is down. */
const TIGHTENED: Readonly<Record<string, () => Settings>> = {
  'an issuer': () => ({ iss: other.url }),
  'an audience': () => ({ audience: 'a' }),
};

for (const [what, change] of Object.entries(TIGHTENED)) {
  test(`${what} that the policy does not name any more counts at once for nothing`, async () => {
    const dropped = await issuer.sign({ sub: 'u', aud: 'b' }, Date.now());
    await using gateway = await TestGateway.start({ policy: policyOf({}) });
    const atFirst = await call(gateway, dropped);
    issuer.mode = 'failing';
    other.mode = 'failing';

    await gateway.reload({ 'policy.yaml': policyOf(change()) });
    const answer = await call(gateway, dropped);
    const wanted = await call(gateway, await signedFor(change()));
    issuer.mode = 'ok';
    other.mode = 'ok';
    const seen = await untilAnswered(gateway, await signedFor(change()), 200);

    assert.deepEqual([atFirst, answer, wanted], [200, 401, 503]);
    assert.deepEqual(await keptBy(gateway), []);
    assert.equal(seen.at(-1), 200);
    assert.equal(await call(gateway, dropped), 401);
  });
}

function signedFor({ iss = issuer.url }: Settings): Promise<string> {
  const at = iss === issuer.url ? issuer : other;
  return at.sign({ sub: 'u', aud: 'a' }, Date.now());
}

test('an audience beside the others lets nobody in, so that the ones before go on', async () => {
  const now = Date.now();
  const known = await issuer.sign({ sub: 'u', aud: 'a' }, now);
  const added = await issuer.sign({ sub: 'u', aud: 'c' }, now);
  await using gateway = await TestGateway.start({ policy: policyOf({}) });
  issuer.mode = 'failing';

  await gateway.reload({ 'policy.yaml': policyOf({ audience: '[a, b, c]' }) });
  const answers = [await call(gateway, known), await call(gateway, added)];
  issuer.mode = 'ok';
  const seen = await untilAnswered(gateway, added, 200);

  assert.deepEqual(answers, [200, 401]);
  assert.equal(seen.at(-1), 200);
});
