import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePattern } from '../../../../src/policy/rules/pattern.ts';

function reasonOf(text: string): string | undefined {
  const compiled = compilePattern(text);
  return compiled.kind === 'wrong' ? compiled.reason : undefined;
}

test('a pattern that a backtracking engine never finishes takes less than half a second', () => {
  const compiled = compilePattern('(a+)+');
  assert.ok(compiled.kind === 'ok');
  const begun = performance.now();

  const matched = compiled.value.matches(`${'a'.repeat(8191)}b`);

  assert.equal(matched, false);
  assert.ok(performance.now() - begun < 500);
});

test('what no linear engine has is refused with its name', () => {
  assert.equal(reasonOf('(?=a)b'), 'invalid or unsupported Perl syntax: `(?=`');
  assert.equal(reasonOf('(a)\\1'), 'invalid escape sequence: `\\1`');
  assert.equal(reasonOf('(a'), 'missing closing ): `(a`');
});

test('a pattern is bounded in length and in steps', () => {
  assert.equal(reasonOf(''), 'must not be empty');
  assert.equal(reasonOf('a'.repeat(257)), 'must have at most 256 characters');
  assert.equal(reasonOf('(a{1,30}){1,30}'), 'repeats too much; write it with fewer counts');
  assert.equal(reasonOf('[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'), undefined);
});
