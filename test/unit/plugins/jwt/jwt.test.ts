import assert from 'node:assert/strict';
import { test } from 'node:test';
import jwt from '../../../../plugins/jwt/jwt.ts';
import { authenticate } from '../../../../src/evaluate/auth/authenticate.ts';
import type { InboundRequest } from '../../../../src/core/message.ts';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { KINDS } from '../../../../src/plugin/host/kinds/kinds.ts';
import { PluginHost } from '../../../../src/plugin/host/plugin-host.ts';
import { authInput, inbound } from '../../../support/auth/auth.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { TestIssuer, directFetch } from '../../../support/auth/issuer.ts';
import { validOptions } from '../../../support/auth/jwt-harness.ts';
import { recordedCapabilities, settingsOf } from '../../../support/plugins/plugin-host.ts';

/** The stage, the host and the jwt plugin together, with an issuer on loopback. */
async function setUp(issuer: TestIssuer) {
  const clock = new FakeClock();
  const host = new PluginHost(KINDS.authenticator, recordedCapabilities(clock, directFetch));
  const options = await validOptions({
    issuer: issuer.url,
    audience: 'app',
    jwks: { allowPrivate: true },
  });
  const { providers, settled } = host.start([settingsOf(jwt, { name: 'api', options })]);
  await settled;
  const judge = (parts: Partial<InboundRequest>) => {
    const request = inbound({ receivedAtMs: clock.now(), ...parts });
    return authenticate(authInput('any', [providers.get('api')!], { request, providers }));
  };
  const ask = (...authorization: readonly string[]) =>
    judge({ headers: authorization.flatMap((value) => ['Authorization', value]) });
  return { ask, clock, host, judge };
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

const ELSEWHERE: Readonly<Record<string, (token: string) => Partial<InboundRequest>>> = {
  'the query': (token) => ({ target: `/things?access_token=${token}` }),
  'a cookie': (token) => ({ headers: ['Cookie', `access_token=${token}; token=${token}`] }),
  'a form': (token) => ({
    method: 'POST',
    headers: ['Content-Type', 'application/x-www-form-urlencoded'],
    body: bodyOf(`access_token=${token}`),
  }),
  'a field of its own': (token) => ({ headers: ['X-Access-Token', token] }),
};

for (const [where, make] of Object.entries(ELSEWHERE)) {
  test(`R-33: a good token in ${where} is no credential`, async () => {
    await using issuer = await TestIssuer.start();
    const { clock, host, judge } = await setUp(issuer);
    const token = await issuer.sign({ aud: 'app', sub: 'u1' }, clock.now());

    const outcome = await judge(make(token));
    const control = await judge({ headers: ['Authorization', `Bearer ${token}`] });

    assert.ok(isRefusal(outcome));
    assert.deepEqual([outcome.status, outcome.reason?.code], [401, 'auth.no_credential']);
    assert.ok(!isRefusal(control), 'the token is good');
    await host.close();
  });
}

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

/** A body that is whole already. */
function bodyOf(text: string): InboundRequest['body'] {
  return {
    ...inbound().body,
    length: text.length,
    consume: (receiver) => {
      receiver.data(Buffer.from(text));
      receiver.end([]);
    },
  };
}
