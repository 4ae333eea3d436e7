import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseClaimKey, parseClaimPath } from '../../../../src/policy/rules/claim-path.ts';
import { parseHost } from '../../../../src/policy/rules/hosts.ts';
import {
  comparePatterns,
  isWithin,
  parsePathPattern,
} from '../../../../src/policy/rules/path-pattern.ts';
import type { PathPattern } from '../../../../src/policy/snapshot/snapshot.ts';
import { nearest } from '../../../../src/policy/issues/did-you-mean.ts';
import {
  parseByteRate,
  parseDuration,
  parseListenAddress,
  parseRate,
  parseSize,
} from '../../../../src/policy/schema/units.ts';

function patternOf(text: string): PathPattern {
  const parsed = parsePathPattern(text);
  assert.equal(parsed.kind, 'ok', text);
  return parsed.value;
}

test('reads durations in every unit, up to what a timer can wait', () => {
  assert.deepEqual(
    ['0s', '500ms', '30s', '10m', '2h', '24d', '25d', '1.5s', '-1s', '1 s', 's'].map(parseDuration),
    [
      0,
      500,
      30_000,
      600_000,
      7_200_000,
      2_073_600_000,
      ...Array.from({ length: 5 }, () => undefined),
    ],
  );
});

test('reads sizes, rates and octets per second', () => {
  assert.deepEqual(['1B', '2KiB', '3MiB', '1GiB', '1KB', '1'].map(parseSize), [
    1,
    2048,
    3_145_728,
    1_073_741_824,
    undefined,
    undefined,
  ]);
  assert.deepEqual(parseRate('10/m'), { amount: 10, windowMs: 60_000, text: '10/m' });
  assert.deepEqual(['0/s', '-1/s', '1/w', '10'].map(parseRate), Array(4).fill(undefined));
  assert.equal(parseByteRate('240B/s'), 240);
  assert.equal(parseByteRate('240B'), undefined);
});

test('reads addresses to listen on', () => {
  assert.deepEqual(parseListenAddress(8443), { address: undefined, port: 8443 });
  assert.deepEqual(parseListenAddress('127.0.0.1:0'), { address: '127.0.0.1', port: 0 });
  assert.deepEqual(parseListenAddress('[::1]:9090'), { address: '::1', port: 9090 });
  assert.deepEqual(
    [70_000, -1, 1.5, '::1:9090', 'host', '1.2.3.4:99999'].map(parseListenAddress),
    Array(6).fill(undefined),
  );
  assert.deepEqual(parseListenAddress('localhost:1'), { address: 'localhost', port: 1 });
  assert.deepEqual(
    ['999.1.1.1:1', '1.2.3:1', '[1.2.3.4]:1', '[::g]:1', '0x7f:1', 'a..b:1', '-a:1'].map(
      parseListenAddress,
    ),
    Array(7).fill(undefined),
  );
});

test('reads claim paths with dots, brackets and escapes', () => {
  assert.deepEqual(parseClaimPath('identity.claims.a.b'), { kind: 'claim', keys: ['a', 'b'] });
  assert.deepEqual(parseClaimPath('identity.claims["https://x/y"].z'), {
    kind: 'claim',
    keys: ['https://x/y', 'z'],
  });
  assert.deepEqual(parseClaimPath('identity.claims["a\\"b"]'), { kind: 'claim', keys: ['a"b'] });
  assert.deepEqual(parseClaimPath('identity.subject'), { kind: 'subject' });
  assert.deepEqual(
    ['identity.claims', 'identity.claims.', 'identity.claims[a]', 'identity.x', 'toString', ''].map(
      parseClaimPath,
    ),
    Array(6).fill(undefined),
  );
});

test('reads claim paths of another provider', () => {
  assert.deepEqual(parseClaimPath('identity.with.api-2.org.id'), {
    kind: 'with',
    provider: 'api-2',
    keys: ['org', 'id'],
  });
  assert.deepEqual(parseClaimPath('identity.with.api["https://x/y"]'), {
    kind: 'with',
    provider: 'api',
    keys: ['https://x/y'],
  });
  const wrong = ['', '.', '.api', '.api.', '.Api.org', '.api_2.org', '["api"].org', 'api.org'];
  assert.deepEqual(
    wrong.map((rest) => parseClaimPath(`identity.with${rest}`)),
    Array(8).fill(undefined),
  );
});

test('reads the claims of a requirement, which begin at the claims unless they say otherwise', () => {
  assert.deepEqual(parseClaimKey('groups'), { kind: 'claim', keys: ['groups'] });
  assert.deepEqual(parseClaimKey('realm_access.roles'), {
    kind: 'claim',
    keys: ['realm_access', 'roles'],
  });
  assert.deepEqual(parseClaimKey('["https://x/y"]'), { kind: 'claim', keys: ['https://x/y'] });
  assert.deepEqual(parseClaimKey('identity.claims.groups'), { kind: 'claim', keys: ['groups'] });
  assert.deepEqual(parseClaimKey('identity.subject'), { kind: 'subject' });
  assert.deepEqual(parseClaimKey('tenant.id'), { kind: 'claim', keys: ['tenant', 'id'] });
  assert.deepEqual(
    ['', 'a b', 'https://x/y', 'identity.groups', '[a]', 'a.'].map(parseClaimKey),
    Array(6).fill(undefined),
  );
});

test('normalises hosts and keeps the two wildcards apart', () => {
  assert.deepEqual(parseHost('App.Example.com.'), {
    kind: 'ok',
    value: { kind: 'exact', host: 'app.example.com' },
  });
  assert.deepEqual(parseHost('**.Example.com'), {
    kind: 'ok',
    value: { kind: 'wildcard', host: '**.example.com', suffix: '.example.com', labels: 'any' },
  });
  assert.equal(parseHost('[::1]').kind, 'ok');
  assert.equal(parseHost('127.0.0.1').kind, 'ok');
  for (const host of ['', '*', '*.', 'a..b', '-a.b', 'a b', 'a/b', '***.x', '*.[::1]', 'a@b']) {
    assert.equal(parseHost(host).kind, 'wrong', host);
  }
});

test('reads the three kinds of path pattern', () => {
  assert.deepEqual(patternOf('/caf%C3%A9/**'), {
    kind: 'below',
    literal: '/caf%C3%A9',
    decoded: '/café',
  });
  assert.deepEqual(patternOf('/a/b'), { kind: 'exact', literal: '/a/b', decoded: '/a/b' });
  assert.deepEqual(patternOf('/a/'), { kind: 'exact', literal: '/a/', decoded: '/a/' });
  assert.deepEqual(patternOf('/a/*'), { kind: 'one', literal: '/a', decoded: '/a' });
  assert.deepEqual(patternOf('/a/**'), { kind: 'below', literal: '/a', decoded: '/a' });
  assert.deepEqual(patternOf('/**'), { kind: 'below', literal: '', decoded: '' });
  assert.deepEqual(patternOf('/'), { kind: 'exact', literal: '/', decoded: '/' });
  for (const path of [
    '',
    'a',
    '/a*',
    '/a/***',
    '//',
    '/a//**',
    '/a/**/b',
    '/%',
    '/%00',
    '/\u0000',
  ]) {
    assert.equal(parsePathPattern(path).kind, 'wrong', path);
  }
});

test('puts exact paths first, then the longest literal prefix', () => {
  const patterns = ['/**', '/a/**', '/a/*', '/a/b/**', '/a', '/'].map(patternOf);

  const ordered = patterns.sort(comparePatterns);

  assert.deepEqual(
    ordered.map(({ kind, literal }) => `${kind} ${literal}`),
    ['exact /', 'exact /a', 'below /a/b', 'one /a', 'below /a', 'below '],
  );
});

test('knows which pattern lies inside which', () => {
  const within = (inner: string, outer: string) => isWithin(patternOf(inner), patternOf(outer));

  assert.ok(within('/a', '/a/**'));
  assert.ok(within('/a/b/**', '/a/**'));
  assert.ok(within('/a/b', '/a/*'));
  assert.ok(!within('/ab', '/a/**'));
  assert.ok(!within('/a/b/c', '/a/*'));
  assert.ok(!within('/a/**', '/a'));
});

test('suggests only what is near: one slip, or a third of the length', () => {
  assert.equal(nearest('corpp', ['corp', 'api']), 'corp');
  assert.equal(nearest('ab', ['cd']), undefined);
  assert.equal(nearest('concurent', ['concurrent', 'burst']), 'concurrent');
  assert.equal(nearest('same', ['same']), undefined);
  assert.equal(nearest('jtw', ['oidc', 'jwt']), 'jwt');
  assert.equal(nearest('tjw', ['oidc', 'jwt']), undefined);
});
