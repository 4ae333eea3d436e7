import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../plugins/jwt/limits.ts';
import { Verdicts, digestOf } from '../../../../plugins/jwt/token/verdicts.ts';
import { FakeClock } from '../../../support/fakes/fake-clock.ts';
import { makeIssuerKey, signWith } from '../../../support/auth/issuer.ts';
import { jwtHarness } from '../../../support/auth/jwt-harness.ts';

const NOW = new FakeClock().now() / 1000;
const key = await makeIssuerKey();
const OPTIONS = { issuer: 'https://issuer.example', audience: 'app', jwks: { keys: [key.jwk] } };
const tokenFor = (seconds: number): Promise<string> =>
  signWith(key, { iss: 'https://issuer.example', aud: 'app', sub: 'u1', exp: NOW + seconds });

test('a token seen before is decided at once, without a promise', async () => {
  const { present } = await jwtHarness(OPTIONS);
  const token = await tokenFor(300);

  const first = present(`Bearer ${token}`);
  await first;
  const second = present(`Bearer ${token}`);

  assert.equal(first instanceof Promise, true);
  assert.equal(second instanceof Promise, false);
  assert.equal((second as { kind: string }).kind, 'identity');
});

test('a remembered token ends at its exp and skew', async () => {
  const { clock, verdict } = await jwtHarness(OPTIONS);
  const token = await tokenFor(10);
  const before = await verdict(token);

  clock.advance(39_999);
  const within = await verdict(token);
  clock.advance(1);

  assert.deepEqual([before, within, await verdict(token)], ['identity', 'identity', 'jwt.expired']);
});

test('a verdict is kept a minute at most, then the signature is checked again', async () => {
  const { clock, present } = await jwtHarness(OPTIONS);
  const token = await tokenFor(3000);
  await present(`Bearer ${token}`);

  clock.advance(59_999);
  const within = present(`Bearer ${token}`);
  clock.advance(1);
  const afterwards = present(`Bearer ${token}`);

  assert.equal(within instanceof Promise, false);
  assert.equal(afterwards instanceof Promise, true);
});

test('a denied token is not remembered', async () => {
  const { present, verdict } = await jwtHarness(OPTIONS);
  const stranger = await makeIssuerKey();
  const claims = { iss: 'https://issuer.example', aud: 'app', sub: 'u1', exp: NOW + 300 };
  const forged = await signWith(stranger, claims);

  await verdict(forged);
  const again = present(`Bearer ${forged}`);

  assert.equal(again instanceof Promise, true);
  assert.equal(await verdict(forged), 'jwt.signature');
});

test('what is remembered has a ceiling, of tokens and of their size', () => {
  const verdicts = new Verdicts();
  const pass = { kind: 'pass' } as const;
  const until = { nowMs: 0, untilMs: 1 };

  for (let i = 0; i < LIMITS.verdicts + 10; i += 1) {
    verdicts.set(digestOf(String(i)), pass, { ...until, size: 100 });
  }
  const byCount = verdicts.size;
  for (let i = 0; i < 4000; i += 1) {
    verdicts.set(digestOf(`large ${i}`), pass, { ...until, size: 8192 });
  }

  assert.equal(byCount, LIMITS.verdicts);
  assert.equal(verdicts.size, LIMITS.verdictCharacters / 8192);
});
