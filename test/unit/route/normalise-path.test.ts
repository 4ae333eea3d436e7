import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isRefusal } from '../../../src/core/refusal.ts';
import { normalisePath } from '../../../src/route/normalise-path.ts';
import type { NormalPath } from '../../../src/route/normalise-path.ts';

/** Targets that some server reads as another path. */
const HOSTILE: readonly string[] = [
  '',
  '*',
  'a',
  'http://other.example/',
  '//',
  '//admin',
  '/a//b',
  '/a//',
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
  '/a%2fb',
  '/a%2Fb',
  '/a%5cb',
  '/a%5C..%5Cb',
  '/a\\b',
  '/\\evil.example',
  '/a;b',
  '/a;jsessionid=1/b',
  '/a/..;/b',
  '/a/;/b',
  '/a%3bb',
  '/a/..%3B/b',
  '/a%00b',
  '/a%00.png',
  '/a\u0000b',
  '/a%0d%0aHost:x',
  '/a%0Ab',
  '/a\r\nb',
  '/a%1fb',
  '/a%7fb',
  '/a%252fb',
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
  '/', '.', '..', ';', '%', '%2', '%2e', '%2F', '%5c', '%25', '%32', '%65', '%00', '%c3%a9', '%ef%bc%8e',
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
      for (const text of [outcome.path, outcome.decoded, outcome.decoded.normalize('NFKC')]) {
        assert.ok(text.startsWith('/'));
        assert.doesNotMatch(text, /\/\.{1,2}(?:\/|$)|\/\/|[\\;]|\p{Cc}/u);
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
