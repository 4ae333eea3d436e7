import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { urlFault } from '../../../../src/plugin/kit/fetch/url-fault.ts';
import { MAX_DOCUMENT_OCTETS } from '../../../../src/plugin/kit/fetch/documents.ts';
import { ISSUER_WAITS } from '../../../../src/plugin/kit/issuer-waits.ts';
import { createPluginFetch } from '../../../../src/upstream/plugin-fetch.ts';
import type { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { TestIssuer, directFetch, makeIssuerKey, signWith } from '../../../support/auth/issuer.ts';
import { jwtHarness } from '../../../support/auth/jwt-harness.ts';
import { issue, makeCa } from '../../../support/tools/certificates.ts';
import { turns } from '../../../support/plugins/plugin-host.ts';

const harnessOf = (issuer: TestIssuer, more: object = {}) =>
  jwtHarness(
    { issuer: issuer.url, audience: 'app', jwks: { allowPrivate: true }, ...more },
    { fetch: directFetch },
  );
const tokenOf = (issuer: TestIssuer, clock: FakeClock, header = {}): Promise<string> =>
  issuer.sign({ aud: 'app', sub: 'u1' }, clock.now(), header);

/** Waits until the counted fetches are as many, at most a hundred turns. */
async function untilFetched(issuer: TestIssuer, keys: number): Promise<void> {
  for (let i = 0; i < 1000 && issuer.fetches.keys < keys; i += 1) await turns();
  for (let i = 0; i < 20; i += 1) await turns();
}

test('keys are found by discovery, once, before the first token', async () => {
  await using issuer = await TestIssuer.start();
  const { clock, verdict } = await harnessOf(issuer);
  const atStart = { ...issuer.fetches };

  const first = await verdict(await tokenOf(issuer, clock));
  const second = await verdict(await issuer.sign({ aud: 'app', sub: 'u2' }, clock.now()));

  assert.deepEqual(atStart, { discovery: 1, keys: 1 });
  assert.deepEqual([first, second], ['identity', 'identity']);
  assert.deepEqual(issuer.fetches, { discovery: 1, keys: 1 });
});

test('discovery falls back to the place of RFC 8414', async () => {
  await using issuer = await TestIssuer.start();
  issuer.discovery = 'oauth-authorization-server';
  const { clock, verdict } = await harnessOf(issuer);

  assert.equal(await verdict(await tokenOf(issuer, clock)), 'identity');
  assert.deepEqual(issuer.fetches, { discovery: 2, keys: 1 });
});

test('metadata of another issuer is not believed (A12)', async () => {
  await using issuer = await TestIssuer.start();
  issuer.metadata = { issuer: `${issuer.url}/` };
  const { clock, lines, verdict } = await harnessOf(issuer);

  assert.equal(await verdict(await tokenOf(issuer, clock)), 'error');
  assert.match(lines.join('\n'), /names another issuer/);
});

test('a jwks_uri at a place that may not be fetched is not fetched', async () => {
  await using issuer = await TestIssuer.start();
  issuer.metadata = { jwks_uri: 'http://192.0.2.1/keys' };
  const { lines } = await harnessOf(issuer);

  assert.match(lines.join('\n'), /is not fetched: it is not https/);
});

test('loopback is refused unless the policy allows private addresses', async () => {
  await using issuer = await TestIssuer.start();
  const { clock, lines, verdict } = await harnessOf(issuer, { jwks: {} });

  assert.equal(await verdict(await tokenOf(issuer, clock)), 'error');
  assert.match(lines.join('\n'), /not a public address, and allowPrivate is not set/);
  assert.deepEqual(issuer.fetches, { discovery: 0, keys: 0 });
});

test('a rotated key is fetched when its first token comes', async () => {
  await using issuer = await TestIssuer.start();
  const { clock, verdict } = await harnessOf(issuer);
  clock.advance(ISSUER_WAITS.cooldownMs);
  await issuer.rotate();

  const outcome = await verdict(await tokenOf(issuer, clock));

  assert.equal(outcome, 'identity');
  assert.equal(issuer.fetches.keys, 2);
});

test('tokens by a rotated key that come together wait for the one fetch', async () => {
  await using issuer = await TestIssuer.start();
  const { clock, verdict } = await harnessOf(issuer);
  clock.advance(ISSUER_WAITS.cooldownMs);
  await issuer.rotate();
  const tokens = await Promise.all(
    ['u1', 'u2', 'u3'].map((sub) => issuer.sign({ aud: 'app', sub }, clock.now())),
  );

  const outcomes = await Promise.all(tokens.map((token) => verdict(token)));

  assert.deepEqual(outcomes, ['identity', 'identity', 'identity']);
  assert.equal(issuer.fetches.keys, 2);
});

test('R-29: unknown kids share one fetch, and cause no other within thirty seconds', async () => {
  await using issuer = await TestIssuer.start();
  const { clock, verdict } = await harnessOf(issuer);
  clock.advance(ISSUER_WAITS.cooldownMs);
  const unknown = await Promise.all(
    Array.from({ length: 50 }, (_each, i) => tokenOf(issuer, clock, { kid: `x${i}` })),
  );

  const outcomes = await Promise.all(unknown.map((token) => verdict(token)));
  const fetchesTogether = issuer.fetches.keys;
  clock.advance(ISSUER_WAITS.cooldownMs - 1);
  await Promise.all(unknown.map((token) => verdict(token)));
  const fetchesCooling = issuer.fetches.keys;
  clock.advance(1);
  await verdict(unknown[0]!);

  assert.deepEqual(new Set(outcomes), new Set(['jwt.key_unknown']));
  assert.deepEqual([fetchesTogether, fetchesCooling, issuer.fetches.keys], [2, 2, 3]);
});

test('R-29: a token that is not for us causes no fetch', async () => {
  await using issuer = await TestIssuer.start();
  const { clock, verdict } = await harnessOf(issuer);
  clock.advance(ISSUER_WAITS.cooldownMs);

  const outcome = await verdict(
    await issuer.sign({ aud: 'other', sub: 'u1' }, clock.now(), { kid: 'x' }),
  );

  assert.equal(outcome, 'jwt.audience');
  assert.equal(issuer.fetches.keys, 1);
});

test('tokens by a key that the issuer took back end with the next fetch, remembered ones too', async () => {
  await using issuer = await TestIssuer.start();
  const { clock, verdict } = await harnessOf(issuer);
  const old = await tokenOf(issuer, clock);
  const before = await verdict(old);
  clock.advance(ISSUER_WAITS.cooldownMs);
  await issuer.rotate({ drop: true });

  await verdict(await tokenOf(issuer, clock));

  assert.equal(before, 'identity');
  assert.equal(await verdict(old), 'jwt.key_unknown');
});

test('keys ten minutes old are fetched again in the background', async () => {
  await using issuer = await TestIssuer.start();
  const { clock, present } = await harnessOf(issuer);
  const token = await issuer.sign({ aud: 'app', sub: 'u1', exp: clock.now() / 1000 + 7200 }, 0);
  clock.advance(ISSUER_WAITS.freshMs);

  const outcome = await present(`Bearer ${token}`);
  await untilFetched(issuer, 2);

  assert.equal(outcome.kind, 'identity');
  assert.equal(issuer.fetches.keys, 2);
});

test('R-29: last good keys serve while the issuer is down, for a day', async () => {
  await using issuer = await TestIssuer.start();
  const { authenticator, clock, verdict } = await harnessOf(issuer);
  issuer.mode = 'failing';
  clock.advance(ISSUER_WAITS.maxStaleMs - 1);
  const within = await verdict(await tokenOf(issuer, clock));
  await untilFetched(issuer, 1);
  const health = await authenticator.health!({} as never);
  clock.advance(1);

  const afterwards = await verdict(await issuer.sign({ aud: 'app', sub: 'u2' }, clock.now()));

  assert.equal(within, 'identity');
  assert.equal(health.ok, false);
  assert.equal(afterwards, 'error');
});

test('R-29: an unknown kid while the issuer hangs is a denial, not a failure of the provider', async () => {
  await using issuer = await TestIssuer.start();
  const { clock, verdict } = await harnessOf(issuer);
  clock.advance(ISSUER_WAITS.cooldownMs);
  issuer.mode = 'hanging';

  const token = await tokenOf(issuer, clock, { kid: 'x' });
  const startMs = performance.now();

  const outcome = await verdict(token, 40);

  assert.equal(outcome, 'jwt.key_unknown');
  // Without a bound of its own it would last until the fetch gives up, five seconds later.
  assert.ok(performance.now() - startMs < ISSUER_WAITS.fetchMs / 2);
});

test('with the issuer down at start a token is an error, a request without one passes', async () => {
  await using issuer = await TestIssuer.start();
  issuer.mode = 'failing';
  const { authenticator, clock, present, verdict } = await harnessOf(issuer);

  assert.equal(await verdict(await tokenOf(issuer, clock)), 'error');
  assert.deepEqual(present(undefined), { kind: 'pass' });
  assert.deepEqual(await authenticator.health!({} as never), {
    ok: false,
    detail: '1 loads of keys failed, no keys',
  });
});

test('a question for health tries an issuer that was down, also where no request does', async () => {
  await using issuer = await TestIssuer.start();
  issuer.mode = 'failing';
  const { authenticator, clock } = await harnessOf(issuer);
  const isHealthy = async () => (await authenticator.health!({} as never)).ok;

  const before = await isHealthy();
  issuer.mode = 'ok';
  clock.advance(ISSUER_WAITS.firstRetryMs);
  await isHealthy();
  await untilFetched(issuer, 1);

  assert.deepEqual([before, await isHealthy()], [false, true]);
});

test('without keys the waits between fetches double, and the first that works recovers', async () => {
  await using issuer = await TestIssuer.start();
  issuer.mode = 'failing';
  const { authenticator, clock, verdict } = await harnessOf(issuer);
  const fetches: number[] = [issuer.fetches.discovery];
  for (const wait of [999, 1, 1999, 1, 3999, 1]) {
    clock.advance(wait);
    await verdict(await tokenOf(issuer, clock));
    fetches.push(issuer.fetches.discovery);
  }

  issuer.mode = 'ok';
  clock.advance(8000);
  const recovered = await verdict(await tokenOf(issuer, clock));

  assert.deepEqual(fetches, [1, 1, 2, 2, 3, 3, 4]);
  assert.equal(recovered, 'identity');
  assert.deepEqual(await authenticator.health!({} as never), { ok: true });
});

const KEY_SETS: Readonly<Record<string, (response: ServerResponse, other: string) => void>> = {
  'beyond its size': (response) =>
    response.end(`{"keys":[],"x":"${'x'.repeat(MAX_DOCUMENT_OCTETS)}"}`),
  'somewhere else, by a redirect': (response, other) =>
    response.writeHead(302, { location: `${other}/keys` }).end(),
  'with a member named twice': (response) => response.end('{"keys":[],"keys":[]}'),
  'with a number for a key': (response) => response.end('{"keys":[1]}'),
  'with more keys than are read': (response) =>
    response.end(JSON.stringify({ keys: Array.from({ length: 101 }, () => ({ kty: 'EC' })) })),
};

for (const [name, answer] of Object.entries(KEY_SETS)) {
  test(`R-29: a key set ${name} is not taken`, async () => {
    await using issuer = await TestIssuer.start();
    await using other = await TestIssuer.start();
    issuer.keySetAnswer = (response) => answer(response, other.url);

    const { clock, verdict } = await harnessOf(issuer);

    assert.equal(await verdict(await tokenOf(issuer, clock)), 'error');
  });
}

test('an issuer that publishes no keys any more has none', async () => {
  await using issuer = await TestIssuer.start();
  const { clock, verdict } = await harnessOf(issuer);
  const token = await tokenOf(issuer, clock);
  const before = await verdict(token);
  issuer.keySetAnswer = (response) => response.end('{"keys":[]}');
  clock.advance(ISSUER_WAITS.cooldownMs);

  await verdict(await tokenOf(issuer, clock, { kid: 'x' }));

  assert.equal(before, 'identity');
  assert.equal(await verdict(token), 'jwt.key_unknown');
});

test('keys come from a file where the policy names one, and from it anew when it changes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-jwks-'));
  const file = join(folder, 'keys.json');
  const [first, second] = [await makeIssuerKey(), await makeIssuerKey('ES256', 'k2')];
  await writeFile(file, JSON.stringify({ keys: [first.jwk] }));
  const { clock, verdict } = await jwtHarness({ issuer: 'me', audience: 'app', jwks: { file } });
  const claims = { iss: 'me', aud: 'app', sub: 'u1', exp: clock.now() / 1000 + 300 };

  const before = [await verdict(await signWith(first, claims))];
  await writeFile(file, JSON.stringify({ keys: [second.jwk] }));
  clock.advance(ISSUER_WAITS.cooldownMs);
  const after = [
    await verdict(await signWith(second, claims)),
    await verdict(await signWith(first, claims)),
  ];
  await rm(folder, { recursive: true });

  assert.deepEqual(before, ['identity']);
  assert.deepEqual(after, ['identity', 'jwt.key_unknown']);
});

test('keys come from the place that the policy names, by the authority that it names', async () => {
  const authority = await makeCa('of the issuer');
  const { certPem: cert, keyPem } = await issue(authority, { names: ['localhost'] });
  const key = await makeIssuerKey();
  const server = createServer({ cert, key: keyPem }, (_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key.jwk] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-jwks-'));
  await writeFile(join(folder, 'ca.pem'), authority.certPem);
  const plugins = createPluginFetch();
  const url = `https://localhost:${(server.address() as AddressInfo).port}/keys`;
  const verdictWith = async (more: object) => {
    const jwks = { url, allowPrivate: true, ...more };
    const options = { issuer: 'https://issuer.example', audience: 'app', jwks };
    const { clock, verdict } = await jwtHarness(options, { fetch: plugins.fetch });
    const exp = clock.now() / 1000 + 300;
    return verdict(await signWith(key, { iss: options.issuer, aud: 'app', sub: 'u1', exp }));
  };

  const verdicts = [await verdictWith({ ca: join(folder, 'ca.pem') }), await verdictWith({})];

  assert.deepEqual(verdicts, ['identity', 'error']);
  await plugins.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

test('a file of keys that is missing is an error, and never means that anything goes', async () => {
  const jwks = { file: '/nonexistent/keys.json' };
  const { clock, lines, verdict } = await jwtHarness({ issuer: 'me', audience: 'app', jwks });
  const claims = { iss: 'me', aud: 'app', sub: 'u1', exp: clock.now() / 1000 + 300 };

  assert.equal(await verdict(await signWith(await makeIssuerKey(), claims)), 'error');
  assert.match(lines.join('\n'), /ENOENT/);
});

const PLACES: readonly (readonly [address: string, allowPrivate: boolean, isAllowed: boolean])[] = [
  ['https://issuer.example/keys', false, true],
  ['http://issuer.example/keys', true, false],
  ['http://127.0.0.1:1/keys', true, true],
  ['http://[::1]:1/keys', true, true],
  ['http://localhost:1/keys', true, true],
  ['http://10.0.0.1/keys', true, false],
  ['https://10.0.0.1/keys', true, true],
  ['https://10.0.0.1/keys', false, false],
  ['https://172.20.1.1/keys', false, false],
  ['https://192.168.1.1/keys', false, false],
  ['https://169.254.169.254/latest', false, false],
  ['https://100.64.0.1/keys', false, false],
  ['https://0x7f.1/keys', false, false],
  ['https://2130706433/keys', false, false],
  ['https://[::ffff:10.0.0.1]/keys', false, false],
  ['https://[fd00::1]/keys', false, false],
  ['https://[fe80::1]/keys', false, false],
  ['https://localhost/keys', false, false],
  ['https://a.localhost./keys', false, false],
  ['file:///etc/passwd', true, false],
  ['https://8.8.8.8/keys', false, true],
];

for (const [address, allowPrivate, isAllowed] of PLACES) {
  test(`${isAllowed ? 'allows' : 'refuses'} ${address}${allowPrivate ? ' with allowPrivate' : ''}`, () => {
    assert.equal(urlFault(address, allowPrivate) === undefined, isAllowed);
  });
}
