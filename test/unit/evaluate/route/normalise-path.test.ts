import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { normalisePath } from '../../../../src/evaluate/route/normalise-path.ts';
import type { NormalPath } from '../../../../src/evaluate/route/normalise-path.ts';

/** Targets that are refused whatever a route says: some server reads them as another path. */
const HOSTILE: readonly string[] = [
  '',
  '*',
  'a',
  'http://other.example/',
  '//',
  '//admin',
  '/.',
  '/..',
  '/./a',
  '/a/.',
  '/a/..',
  '/a/../b',
  '/a/./b',
  '/../../etc/passwd',
  '/%2e',
  '/%2e%2e/b',
  '/.%2e/b',
  '/%2E./b',
  '/a/%2e%2e%2fb',
  '/a/%2e%2e%2f%2fb',
  '/a%2f..%2fb',
  '/..%2fb',
  '/a%5cb',
  '/a%5C..%5Cb',
  '/a\\b',
  '/\\evil.example',
  '/a/..;/b',
  '/a/..;x=1/b',
  '/a/..;x',
  '/a/.;/b',
  '/a/..%3B/b',
  '/a/..%3bx%2fb',
  '/a;x%2f..%2fb',
  '/a%00b',
  '/a%00.png',
  '/a\u0000b',
  '/a%0d%0aHost:x',
  '/a%0Ab',
  '/a\r\nb',
  '/a%1fb',
  '/a%7fb',
  '/a%252fb',
  '/a%252Fb',
  '/a%255cb',
  '/a%253bb',
  '/a%2500b',
  '/a%250ab',
  '/a%2525b',
  '/a%252541b',
  '/a%25ffb',
  '/a%25ef%25bc%258fb',
  '/a%252e%252e/b',
  '/a%25%32%66b',
  '/a%%32%66b',
  '/%',
  '/a%2',
  '/a%zz',
  '/a%u002fb',
  '/a%c0%afb',
  '/a%c0%aeb',
  '/a%e0%80%afb',
  '/a%ff',
  '/a%ed%a0%80',
  '/a%ef%bc%8fb',
  '/%ef%bc%8e%ef%bc%8e/b',
  '/a%ef%bc%bcb',
  '/a%cd%beb',
  '/a%c2%85b',
  '/a%e2%80%a8b',
  '/a#b',
  '/a b',
  '/a\tb',
  '/a"b',
  '/a<b>',
  '/a^b',
  '/a`b',
  '/a{b}',
  '/é',
  '/a?b#c',
  '/a?b c',
  '/a?b\r\nc',
  '/a?\u0000',
  '/a?é',
];

for (const target of HOSTILE) {
  test(`refuses the target ${JSON.stringify(target)}`, () => {
    const outcome = normalisePath(target);

    assert.ok(isRefusal(outcome));
    assert.equal(outcome.code, 'invalid_path');
    assert.equal(outcome.status, 400);
  });
}

/** What a route has to allow, and what applications read. */
const UNUSUAL: readonly (readonly [
  target: string,
  path: string,
  forms: readonly string[],
  readings: readonly string[],
])[] = [
  ['/a%2fb', '/a%2Fb', ['encodedSlash'], ['/a%2Fb', '/a/b']],
  ['/a%2F', '/a%2F', ['encodedSlash'], ['/a%2F', '/a/']],
  ['/a/%2F/b', '/a/%2F/b', ['encodedSlash'], ['/a/%2F/b', '/a///b', '/a/b']],
  ['/a;b/c;d', '/a;b/c;d', ['parameters'], ['/a;b/c;d', '/a/c', '/a']],
  ['/a%3bb', '/a%3Bb', ['parameters'], ['/a;b', '/a']],
  ['/a/;/b', '/a/;/b', ['parameters'], ['/a/;/b', '/a//b', '/a/b', '/a/']],
  ['/a//b', '/a//b', ['emptySegments'], ['/a//b', '/a/b']],
  ['/a//', '/a//', ['emptySegments'], ['/a//', '/a/']],
  ['/a%2520b', '/a%2520b', [], ['/a%20b', '/a b']],
  ['/a%25%34%31', '/a%2541', [], ['/a%41', '/aA']],
  ['/a%25c3%25a9', '/a%25c3%25a9', [], ['/a%c3%a9', '/aé']],
];

for (const [target, path, forms, readings] of UNUSUAL) {
  test(`tells how applications may read the target ${target}`, () => {
    const outcome = normalised(target);

    assert.equal(outcome.path, path);
    assert.equal(outcome.decoded, readings[0]);
    assert.deepEqual(outcome.unusual, { forms, readings });
  });
}

const HARMLESS: readonly (readonly [target: string, path: string, query?: string])[] = [
  ['/', '/'],
  ['/?', '/', ''],
  ['/a/b', '/a/b'],
  ['/a/b/', '/a/b/'],
  ['/a?x=/../%2e;', '/a', 'x=/../%2e;'],
  ['/a?b?c', '/a', 'b?c'],
  ['/.well-known/x', '/.well-known/x'],
  ['/a/..b/.../c.', '/a/..b/.../c.'],
  ['/%61%7e%2D%5F', '/a~-_'],
  ['/caf%c3%a9', '/caf%C3%A9'],
  ['/a%20b', '/a%20b'],
  ['/a|b[1]', '/a%7Cb%5B1%5D'],
  ['/a%7cb%5b1%5d', '/a%7Cb%5B1%5D'],
  ['/100%25', '/100%25'],
  ["/a:b@c!$&'()*+,=", "/a:b@c!$&'()*+,="],
  ['/a%2Bb', '/a%2Bb'],
  ['/file%2Etxt', '/file.txt'],
  ['/%2ewell-known/x', '/.well-known/x'],
];

for (const [target, path, query] of HARMLESS) {
  test(`reads the target ${JSON.stringify(target)} as the path ${path}`, () => {
    const outcome = normalised(target);

    assert.equal(outcome.path, path);
    assert.equal(outcome.query, query);
  });
}

test('decodes reserved characters for the comparison with patterns only', () => {
  const outcome = normalised('/a%21b%2Bc/caf%C3%A9');

  assert.equal(outcome.path, '/a%21b%2Bc/caf%C3%A9');
  assert.equal(outcome.decoded, '/a!b+c/café');
});

const PIECES = [
  '/', '//', '.', '..', ';', '%', '%2', '%2e', '%2F', '%3B', '%5c', '%25', '%32', '%65', '%00', '%c3%a9', '%ef%bc%8e',
  '\\', '|', 'a', 'B', '~', '?', '#', ' ', 'é', '+', '%2B',
] as const; // prettier-ignore
const targets = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 })), { maxLength: 12 })
  .map((pieces) => `/${pieces.join('')}`);

test('gives the same again when its own path is normalised', () => {
  fc.assert(
    fc.property(targets, (target) => {
      const once = normalisePath(target);
      if (isRefusal(once)) return;
      const twice = normalised(once.path);
      assert.equal(twice.path, once.path);
      assert.equal(twice.decoded, once.decoded);
    }),
    { numRuns: 3000 },
  );
});

test('never yields a path that a decoding server could resolve upwards', () => {
  fc.assert(
    fc.property(targets, (target) => {
      const outcome = normalisePath(target);
      if (isRefusal(outcome)) return;
      const readings = outcome.unusual?.readings ?? [outcome.decoded];
      for (const text of [
        outcome.path,
        ...readings,
        ...readings.map((each) => each.normalize('NFKC')),
      ]) {
        assert.ok(text.startsWith('/'));
        assert.doesNotMatch(text, /\/\.{1,2}(?:\/|$)|\\|\p{Cc}/u);
        if (outcome.unusual === undefined) assert.doesNotMatch(text, /\/\/|;/u);
      }
      assert.equal(new URL(outcome.path, 'http://host').pathname, outcome.path);
      assert.equal(outcome.decoded.split('/').length, outcome.path.split('/').length);
    }),
    { numRuns: 3000 },
  );
});

// were it not linear, this would take hours and the runner's time limit would end it.
test('reads a megabyte of hostile path', () => {
  for (const piece of ['/a', '%41', '/.a', '%25', '/a.']) {
    const outcome = normalisePath(piece.repeat(300_000));

    assert.ok(outcome !== undefined);
  }
});

function normalised(target: string): NormalPath {
  const outcome = normalisePath(target);
  assert.ok(!isRefusal(outcome), `refused: ${JSON.stringify(outcome)}`);
  return outcome;
}
