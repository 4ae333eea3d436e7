import assert from 'node:assert/strict';
import { test } from 'node:test';
import { originOf, originText } from '../../../src/core/origin.ts';

test('an origin leaves out the default port of its scheme and no other', () => {
  assert.equal(originText('https', 'a.example', 443), 'https://a.example');
  assert.equal(originText('https', 'a.example', 80), 'https://a.example:80');
  assert.equal(originText('http', 'a.example', 80), 'http://a.example');
  assert.equal(originText('http', '[::1]', 8080), 'http://[::1]:8080');
});

test('an origin is the one that URL gives', () => {
  for (const port of [80, 443, 8443]) {
    for (const scheme of ['http', 'https'] as const) {
      const url = new URL(`${scheme}://a.example:${port}/x`);

      assert.equal(originText(scheme, 'a.example', port), url.origin);
    }
  }
});

test('the scheme is that of the connection', () => {
  const plain = { host: 'a.example', connection: { scheme: 'http' } } as never;
  const secure = { host: 'a.example', connection: { scheme: 'https' } } as never;

  assert.equal(originOf(plain, 443), 'http://a.example:443');
  assert.equal(originOf(secure, 443), 'https://a.example');
});
