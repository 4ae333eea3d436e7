import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticate } from '../../../../src/evaluate/auth/authenticate.ts';
import type { AuthOutcome } from '../../../../src/evaluate/auth/authenticate.ts';
import { fieldValues, firstField } from '../../../../src/core/header-list.ts';
import { isRefusal } from '../../../../src/core/refusal.ts';
import type { Refusal } from '../../../../src/core/refusal.ts';
import type { AuthResult, Challenge, Endpoint } from '../../../../src/plugin/contract.ts';
import { pluginError } from '../../../../src/plugin/host/call/guarded.ts';
import { refusalPage } from '../../../../src/respond/refusal-page.ts';
import { authInput, identityOf, inbound, provider } from '../../../support/auth/auth.ts';

const PASS: AuthResult = { kind: 'pass' };
const FOREIGN = (iss: string): AuthResult => ({
  kind: 'pass',
  unclaimed: {
    reason: { code: 'jwt.issuer', detail: `token has iss "x", policy wants "${iss}"` },
    wwwAuthenticate: [`Bearer realm="${iss}", error="invalid_token"`],
  },
});
const BAD: AuthResult = {
  kind: 'deny',
  status: 401,
  reason: { code: 'jwt.expired', detail: 'expired 5 s ago' },
  wwwAuthenticate: ['Bearer realm="api", error="invalid_token"'],
};
const LOGIN_ENDPOINT: Endpoint = {
  method: 'GET',
  path: 'login',
  csrf: 'none',
  handle: () => Promise.reject(new Error('not asked here')),
};
const NAVIGATION = inbound({ headers: ['Accept', 'text/html'] });
const LOGIN = {
  redirect: {
    location: 'https://login.example.com/authorize',
    setCookies: [{ name: 'login', value: 'x', maxAgeSeconds: 600 }],
  },
  wwwAuthenticate: ['Bearer realm="corp"'],
};

function refusal(outcome: AuthOutcome | Promise<AuthOutcome>): Refusal {
  assert.ok(isRefusal(outcome));
  return outcome;
}

function subject(outcome: AuthOutcome): string | undefined {
  assert.ok(outcome !== undefined && !isRefusal(outcome));
  return outcome.subject;
}

test('a public rule asks nobody', () => {
  assert.equal(authenticate(authInput('public', [])), undefined);
});

test('an identity that comes at once is given at once, with the name of its provider', () => {
  const outcome = authenticate(authInput('any', [provider('api', identityOf('u1'))]));

  assert.equal(outcome instanceof Promise, false);
  assert.deepEqual(outcome, {
    subject: 'u1',
    issuer: 'i',
    method: 'jwt',
    authenticatedAt: 0,
    claims: { of: 'u1' },
    provider: 'api',
  });
});

for (const isLate of [false, true]) {
  const kind = isLate ? 'late' : 'immediate';

  test(`any-of, ${kind} answers: who passes is followed by the next`, async () => {
    const last = provider('c', identityOf('u3'), { isLate });
    const asked = [
      provider('a', PASS, { isLate }),
      provider('b', identityOf('u2'), { isLate }),
      last,
    ];

    const outcome = await authenticate(authInput('any', asked));

    assert.equal(subject(outcome), 'u2');
    assert.equal(last.asked, 0);
  });

  test(`any-of, ${kind} answers: a bad credential denies and does not fall through`, async () => {
    const next = provider('b', identityOf('u2'), { isLate });

    const outcome = refusal(
      await authenticate(authInput('any', [provider('a', BAD, { isLate }), next])),
    );

    assert.deepEqual([outcome.code, outcome.status], ['credential_rejected', 401]);
    assert.deepEqual(outcome.reason, { code: 'jwt.expired', detail: 'expired 5 s ago' });
    assert.deepEqual(outcome.headers, [
      'www-authenticate',
      'Bearer realm="api", error="invalid_token"',
    ]);
    assert.equal(next.asked, 0);
  });

  test(`any-of, ${kind} answers: a provider that fails is 503 and does not fall through`, async () => {
    const next = provider('b', identityOf('u2'), { isLate });
    const failing = provider('a', pluginError('plugin.timeout', 'no answer'), { isLate });

    const outcome = refusal(await authenticate(authInput('any', [failing, next])));

    assert.deepEqual([outcome.code, outcome.status], ['provider_failed', 503]);
    assert.deepEqual(outcome.reason, { code: 'plugin.timeout', detail: 'provider a: no answer' });
    assert.equal(next.asked, 0);
  });

  test(`any-of, ${kind} answers: where all pass, every challenge is in the 401`, async () => {
    const asked = [
      provider('a', PASS, { isLate, challenge: { wwwAuthenticate: ['Bearer realm="a"'] } }),
      provider('b', PASS, { isLate }),
      provider('c', PASS, { isLate, challenge: { wwwAuthenticate: ['X', 'Y'] } }),
    ];

    const outcome = refusal(await authenticate(authInput('any', asked)));

    assert.deepEqual([outcome.code, outcome.status], ['authentication_required', 401]);
    assert.deepEqual(fieldValues(outcome.headers!, 'www-authenticate'), [
      'Bearer realm="a"',
      'X',
      'Y',
    ]);
  });

  test(`all-of, ${kind} answers: the first is the subject, the claims of others are beside it`, async () => {
    const asked = [
      provider('machines', identityOf('m1', { expiresAt: 9000 }), { isLate }),
      provider('api', identityOf('u1', { expiresAt: 5000 }), { isLate }),
    ];

    const outcome = await authenticate(authInput('all', asked));

    assert.equal(subject(outcome), 'm1');
    assert.ok(outcome !== undefined && !isRefusal(outcome));
    assert.equal(outcome.provider, 'machines');
    assert.deepEqual(outcome.with, { api: { of: 'u1' } });
    assert.deepEqual(
      outcome.members?.map((member) => member.subject),
      ['m1', 'u1'],
    );
    assert.equal(outcome.expiresAt, 5000);
  });

  test(`all-of, ${kind} answers: one that is missing is asked for`, async () => {
    const asked = [
      provider('machines', identityOf('m1'), { isLate }),
      provider('api', PASS, { isLate, challenge: { wwwAuthenticate: ['Bearer realm="api"'] } }),
    ];

    const outcome = refusal(await authenticate(authInput('all', asked)));

    assert.equal(outcome.status, 401);
    assert.deepEqual(outcome.headers, ['www-authenticate', 'Bearer realm="api"']);
  });

  test(`all-of, ${kind} answers: a bad credential denies`, async () => {
    const asked = [provider('a', identityOf('u1'), { isLate }), provider('b', BAD, { isLate })];

    assert.equal(refusal(await authenticate(authInput('all', asked))).code, 'credential_rejected');
  });

  test(`a challenge that fails, ${kind}, is 503`, async () => {
    const failing = provider('a', PASS, { isLate, challenge: pluginError('plugin.threw') });

    assert.equal(refusal(await authenticate(authInput('any', [failing]))).code, 'provider_failed');
  });
}

test('a provider that the generation does not have is 503, never a pass', () => {
  const input = authInput('any', [provider('a', identityOf('u1'))], { providers: new Map() });

  assert.equal(refusal(authenticate(input)).code, 'provider_failed');
});

test('a 403 of a plugin is forbidden', () => {
  const denial: AuthResult = { kind: 'deny', status: 403, reason: { code: 'cert.revoked' } };

  const outcome = refusal(authenticate(authInput('any', [provider('a', denial)])));

  assert.deepEqual([outcome.code, outcome.status], ['forbidden', 403]);
});

test('a 401 always carries a challenge (RFC 9110 15.5.2)', () => {
  const denial: AuthResult = { kind: 'deny', status: 401, reason: { code: 'cert.unknown' } };
  const rejected = authenticate(authInput('any', [provider('machines', denial)]));
  const required = authenticate(authInput('any', [provider('machines', PASS)]));

  for (const outcome of [refusal(rejected), refusal(required)]) {
    assert.deepEqual(outcome.headers, ['www-authenticate', 'Fairlead realm="machines"']);
  }
});

test('an identity that is over is refused, whoever vouches for it', () => {
  const over = (expiresAt: number) =>
    authenticate(authInput('any', [provider('a', identityOf('u1', { expiresAt }))]));

  assert.equal(refusal(over(1000)).reason?.code, 'identity.expired');
  assert.equal(isRefusal(over(1001)), false);
});

test('a navigation without a session is sent to the first login, with its cookie', () => {
  const asked = [
    provider('api', PASS, { challenge: { wwwAuthenticate: ['Bearer realm="api"'] } }),
    provider('corp', PASS, { challenge: LOGIN }),
  ];

  const outcome = refusal(authenticate(authInput('any', asked, { request: NAVIGATION })));

  assert.equal(outcome.status, 302);
  assert.equal(firstField(outcome.headers!, 'location'), 'https://login.example.com/authorize');
  assert.equal(
    firstField(outcome.headers!, 'set-cookie'),
    '__Host-fairlead-login=x; Max-Age=600; Path=/; Secure; HttpOnly; SameSite=Lax',
  );
  assert.equal(firstField(outcome.headers!, 'www-authenticate'), undefined);
});

test('anything but a navigation gets 401 where a navigation would be sent to a login', () => {
  const outcome = refusal(
    authenticate(authInput('any', [provider('corp', PASS, { challenge: LOGIN })])),
  );

  assert.equal(outcome.status, 401);
  assert.deepEqual(outcome.headers, ['www-authenticate', 'Bearer realm="corp"']);
});

test('a challenge as a result decides: nobody else is asked', () => {
  const result: AuthResult = {
    kind: 'challenge',
    challenge: LOGIN,
    reason: { code: 'oidc.session_over' },
  };
  const next = provider('b', identityOf('u2'));

  const outcome = refusal(
    authenticate(authInput('any', [provider('corp', result), next], { request: NAVIGATION })),
  );

  assert.deepEqual([outcome.status, outcome.reason?.code], [302, 'oidc.session_over']);
  assert.equal(next.asked, 0);
});

/** Somebody is logged in, and not as the rule wants it. */
const weak = (challenge: Challenge): AuthResult => ({
  kind: 'challenge',
  challenge,
  reason: { code: 'oidc.step_up' },
  isStepUp: true,
});

function stepUp(challenge: Challenge, request = inbound()): Refusal {
  const corp = provider('corp', weak(challenge), { endpoints: [LOGIN_ENDPOINT] });
  const input = authInput('any', [corp], { request });
  const requires = { acr: 'urn:mfa', maxAgeMs: 900_000, claims: [] };
  return refusal(authenticate({ ...input, rule: { ...input.rule, requires } }));
}

test('a login that is too weak: a page load is sent to a better one', () => {
  const outcome = stepUp(LOGIN, NAVIGATION);

  assert.deepEqual([outcome.code, outcome.status], ['step_up_required', 302]);
  assert.equal(firstField(outcome.headers!, 'location'), LOGIN.redirect.location);
});

test('a login that is too weak: anything else gets 401, and a login that asks for more', () => {
  const silent = stepUp({});
  const own = stepUp({ wwwAuthenticate: ['DPoP error="insufficient_user_authentication"'] });

  assert.deepEqual([silent.code, silent.status], ['step_up_required', 401]);
  assert.deepEqual(fieldValues(silent.headers!, 'www-authenticate'), [
    'Bearer realm="corp", error="insufficient_user_authentication", acr_values="urn:mfa", max_age="900"',
  ]);
  assert.equal(
    silent.members?.['login'],
    'https://app.example.com/.fairlead/corp/login?acr_values=urn%3Amfa&max_age=900',
  );
  assert.match(fieldValues(own.headers!, 'www-authenticate')[0]!, /^DPoP /);
});

test('a better login that cannot begin now is 503 for a page load', () => {
  const down = { unavailable: { code: 'oidc.provider_down' } };

  assert.equal(stepUp(down, NAVIGATION).code, 'provider_failed');
  assert.equal(stepUp(down).code, 'step_up_required');
});

test('who was asked, and what came of it, can be observed', () => {
  const seen: string[] = [];

  void authenticate(
    authInput('any', [provider('a', PASS), provider('b', BAD), provider('c', PASS)], {
      observe: (name, result) => seen.push(`${name} ${result.kind}`),
    }),
  );

  assert.deepEqual(seen, ['a pass', 'b deny']);
});

test('a login that cannot begin is 503 for a page load, and a challenge for everybody else', () => {
  const corp = provider('corp', PASS, {
    challenge: { unavailable: { code: 'oidc.provider_down', detail: 'discovery failed' } },
  });
  const other = provider('other', PASS, { challenge: LOGIN });
  const page = { request: NAVIGATION };

  const alone = refusal(authenticate(authInput('any', [corp], page)));
  const together = refusal(authenticate(authInput('any', [corp, other], page)));
  const program = refusal(authenticate(authInput('any', [corp])));

  assert.deepEqual([alone.status, alone.reason?.code], [503, 'oidc.provider_down']);
  assert.equal(together.status, 302);
  assert.equal(program.status, 401);
});

for (const kind of ['any', 'all'] as const) {
  for (const isLate of [false, true]) {
    const when = isLate ? 'late' : 'immediate';

    test(`${kind}-of, ${when} answers: a page load begins one login and no other`, async () => {
      const first = provider('corp', PASS, { challenge: LOGIN, isLate });
      const second = provider('partners', PASS, { challenge: LOGIN, isLate });

      const outcome = refusal(
        await authenticate(authInput(kind, [first, second], { request: NAVIGATION })),
      );

      assert.equal(outcome.status, 302);
      assert.deepEqual([first.challenged, second.challenged], [1, 0]);
    });
  }
}

for (const [what, request] of Object.entries({
  remembered: inbound({
    headers: ['accept', 'text/html', 'cookie', '__Host-fairlead-.choice=corp'],
  }),
  'asked for': inbound({ target: '/things?a=b&idp=corp', headers: ['accept', 'text/html'] }),
})) {
  test(`a login that is ${what} and cannot begin leaves the choice`, () => {
    const endpoints = [{ method: 'GET', path: 'login' }] as never;
    const down = { unavailable: { code: 'oidc.provider_down', detail: 'no answer in time' } };
    const asked = [
      provider('corp', PASS, { endpoints, challenge: down }),
      provider('partners', PASS, { endpoints, challenge: LOGIN }),
    ];

    const outcome = refusal(authenticate(authInput('any', asked, { request })));

    assert.deepEqual([outcome.status, outcome.reason?.code], [401, 'oidc.provider_down']);
    assert.deepEqual(outcome.logins, [
      { provider: 'corp', href: '/things?a=b&idp=corp', isUnavailable: true },
      { provider: 'partners', href: '/things?a=b&idp=partners' },
    ]);
    assert.match(
      refusalPage(outcome, { exchangeId: 'id', nowMs: 0 }).text,
      /<p>corp is not available right now\.<\/p>/,
    );
  });
}

for (const isLate of [false, true]) {
  const kind = isLate ? 'late' : 'immediate';

  test(`any-of, ${kind} answers: a credential that one provider leaves is the next one's`, async () => {
    const asked = [provider('a', FOREIGN('a'), { isLate }), provider('b', identityOf('u2'))];

    assert.equal(subject(await authenticate(authInput('any', asked))), 'u2');
  });

  test(`any-of, ${kind} answers: a credential that nobody takes is 401 with what each said`, async () => {
    const asked = [
      provider('a', FOREIGN('a'), { isLate }),
      provider('login', PASS, { challenge: LOGIN }),
      provider('b', FOREIGN('b'), { isLate }),
    ];

    const { code, status, reason, headers } = refusal(
      await authenticate(authInput('any', asked, { request: NAVIGATION })),
    );

    assert.deepEqual([code, status], ['credential_rejected', 401]);
    assert.deepEqual(reason, {
      code: 'jwt.issuer',
      detail: 'a: token has iss "x", policy wants "a"; b: token has iss "x", policy wants "b"',
    });
    assert.deepEqual(fieldValues(headers!, 'www-authenticate'), [
      'Bearer realm="a", error="invalid_token"',
      'Bearer realm="b", error="invalid_token"',
    ]);
  });

  test(`all-of, ${kind} answers: a credential that one provider leaves is 401, whoever takes it`, async () => {
    const left = [provider('a', FOREIGN('a'), { isLate }), provider('b', identityOf('u2'))];

    for (const asked of [left, left.toReversed()]) {
      const { code, reason } = refusal(await authenticate(authInput('all', asked)));

      assert.deepEqual([code, reason?.code], ['credential_rejected', 'jwt.issuer']);
    }
  });
}

const DOWN = pluginError('plugin.timeout', 'slow');
const RENEW: AuthResult = {
  kind: 'challenge',
  challenge: LOGIN,
  reason: { code: 'oidc.weak' },
  isStepUp: true,
};

for (const isLate of [false, true]) {
  const kind = isLate ? 'late' : 'immediate';
  const ask = async (...results: Parameters<typeof provider>[1][]) => {
    const asked = results.map((result, i) =>
      provider(`p${i}`, result, { isLate, challenge: LOGIN, endpoints: [LOGIN_ENDPOINT] }),
    );
    const outcome = await authenticate(authInput('optional', asked, { request: NAVIGATION }));
    assert.deepEqual(
      asked.map(({ challenged }) => challenged),
      asked.map(() => 0),
    );
    return outcome;
  };

  test(`optional, ${kind} answers: without a credential nobody is known and no login begins`, async () => {
    assert.equal(await ask(PASS, PASS), undefined);
    assert.equal(await ask(PASS, RENEW), undefined);
  });

  test(`optional, ${kind} answers: the first identity counts`, async () => {
    assert.equal(subject(await ask(PASS, identityOf('u2'), BAD)), 'u2');
    assert.equal(subject(await ask(RENEW, identityOf('u2'))), 'u2');
  });

  test(`optional, ${kind} answers: a bad credential is refused, and one that nobody takes`, async () => {
    for (const results of [
      [BAD, identityOf('u2')],
      [PASS, FOREIGN('b')],
    ]) {
      const { code, status } = refusal(await ask(...results));
      assert.deepEqual([code, status], ['credential_rejected', 401]);
    }
  });

  test(`optional, ${kind} answers: an expired session is none, an expired token is refused`, async () => {
    const session = { id: 's', issuedAt: 0, createdAt: 0 } as never;

    assert.equal(await ask(identityOf('u1', { expiresAt: 1000, session })), undefined);
    assert.equal(refusal(await ask(identityOf('u1', { expiresAt: 1000 }))).status, 401);
  });

  test(`optional, ${kind} answers: a provider that is down is 503`, async () => {
    assert.equal(refusal(await ask(PASS, DOWN)).status, 503);
  });
}
