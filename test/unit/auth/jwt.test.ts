import assert from 'node:assert/strict';
import { test } from 'node:test';
import jwt from '../../../plugins/jwt/index.ts';
import { authenticate } from '../../../src/auth/authenticate.ts';
import { isRefusal } from '../../../src/core/refusal.ts';
import { PluginHost } from '../../../src/plugin/plugin-host.ts';
import { authInput, inbound } from '../../support/auth.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { TestIssuer, directFetch } from '../../support/issuer.ts';
import { validOptions } from '../../support/jwt-harness.ts';
import { recordedCapabilities, settingsOf } from '../../support/plugin-host.ts';

/** The stage, the host and the jwt plugin together, with an issuer on loopback. */
async function setUp(issuer: TestIssuer) {
  const clock = new FakeClock();
  const host = new PluginHost(recordedCapabilities(clock, directFetch));
  const options = await validOptions({
    issuer: issuer.url,
    audience: 'app',
    jwks: { allowPrivate: true },
  });
  const { providers, settled } = host.start([settingsOf(jwt, { name: 'api', options })]);
  await settled;
  const ask = (...authorization: readonly string[]) => {
    const headers = authorization.flatMap((value) => ['Authorization', value]);
    const request = inbound({ headers, receivedAtMs: clock.now() });
    return authenticate(authInput('any', [providers.get('api')!], { request, providers }));
  };
  return { ask, clock, host };
}

test('a token that was seen is decided in the same turn', async () => {
  await using issuer = await TestIssuer.start();
  const { ask, clock, host } = await setUp(issuer);
  const token = await issuer.sign({ aud: 'app', sub: 'u1' }, clock.now());
  const first = await ask(`Bearer ${token}`);

  const second = ask(`Bearer ${token}`);

  assert.equal(second instanceof Promise, false);
  assert.deepEqual(second, first);
  assert.equal((second as { readonly subject?: string }).subject, 'u1');
  await host.close();
});

test('R-33: the same good token twice is refused', async () => {
  await using issuer = await TestIssuer.start();
  const { ask, clock, host } = await setUp(issuer);
  const token = await issuer.sign({ aud: 'app', sub: 'u1' }, clock.now());

  const outcome = await ask(`Bearer ${token}`, `Bearer ${token}`);

  assert.ok(isRefusal(outcome));
  assert.deepEqual([outcome.status, outcome.reason?.code], [401, 'jwt.repeated']);
  await host.close();
});

test('with the issuer down at start: 503, the circuit opens, and it recovers by itself', async () => {
  await using issuer = await TestIssuer.start();
  issuer.mode = 'failing';
  const { ask, clock, host } = await setUp(issuer);
  const token = await issuer.sign({ aud: 'app', sub: 'u1' }, clock.now());
  const codes: unknown[] = [];
  for (let i = 0; i < 6; i += 1) {
    const outcome = await ask(`Bearer ${token}`);
    codes.push(isRefusal(outcome) ? `${outcome.status} ${outcome.reason?.code}` : 'accepted');
  }
  const state = host.statuses()[0]?.state;

  issuer.mode = 'ok';
  clock.advance(5000);
  const recovered = await ask(`Bearer ${token}`);

  assert.deepEqual(codes, [
    ...Array.from({ length: 5 }, () => '503 plugin.threw'),
    '503 plugin.circuit_open',
  ]);
  assert.equal(state, 'degraded');
  assert.equal(isRefusal(recovered), false);
  await host.close();
});
