import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAuthority } from '../../../../src/listener/http/authority.ts';

test('gives one form: lower case, no trailing dot, no port (R-13)', () => {
  const forms = ['a.example', 'A.Example', 'a.example.', 'a.example:443', 'A.EXAMPLE.:8443'];

  assert.deepEqual(
    new Set(forms.map((text) => parseAuthority(text)?.host)),
    new Set(['a.example']),
  );
});

test('keeps port and IPv6 address apart', () => {
  assert.deepEqual(parseAuthority('[2001:DB8::1]:81'), { host: '[2001:db8::1]', port: 81 });
  assert.deepEqual(parseAuthority('192.0.2.1'), { host: '192.0.2.1', port: undefined });
});

test('refuses what is not one host', () => {
  const bad = [
    '',
    ':80',
    'a b',
    'a,b',
    'u@a',
    'a/b',
    'a..b',
    '.a',
    'a:',
    'a:x',
    'a:65536',
    'a%2eb',
  ];

  for (const text of [...bad, 'a\tb', 'ä', '::1', 'a'.repeat(300)]) {
    assert.equal(parseAuthority(text), undefined, JSON.stringify(text));
  }
});
