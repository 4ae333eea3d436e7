import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../../../../plugins/oidc/limits.ts';
import { returnTo, safePath, wayBack } from '../../../../plugins/oidc/login/return-to.ts';

const ORIGIN = 'https://app.example.com';

/** What open redirects were made of: oauth2-proxy, Pomerium, WHATWG and RFC 3986 in disagreement. */
const HOSTILE: readonly string[] = [
  '',
  'https://evil.test',
  'https://evil.test/',
  'HTTPS://evil.test/',
  'http://evil.test/',
  'http:evil.test',
  'https:evil.test',
  'https:/evil.test',
  'https:///evil.test',
  'https:\\\\evil.test',
  '//evil.test',
  '///evil.test',
  '////evil.test',
  '//evil.test/%2f..',
  '//evil.test@app.example.com',
  '/\\evil.test',
  '/\\/evil.test',
  '\\/evil.test',
  '\\\\evil.test',
  '/\\\\evil.test',
  '/\t/evil.test',
  '/\n/evil.test',
  '/\r/evil.test',
  '\t//evil.test',
  '\n//evil.test',
  ' //evil.test',
  '\u0000//evil.test',
  '/\u0000/evil.test',
  '/\u00a0/evil.test',
  '/\u2028/evil.test',
  '/\u3000/evil.test',
  '/\uff0f/evil.test',
  '/\u2215evil.test',
  '/.//evil.test',
  '/..//evil.test',
  '/./\\evil.test',
  '/a/..//evil.test',
  '/a/../..//evil.test',
  '/%2e//evil.test',
  '/%2e%2e//evil.test',
  '/%2f/evil.test',
  '/%2Fevil.test',
  '/%2f%2fevil.test',
  '/%5cevil.test',
  '/%5C/evil.test',
  '/%09/evil.test',
  '/%0a/evil.test',
  '/%0d%0aLocation:%20https://evil.test',
  '/%00/evil.test',
  '/x\r\nSet-Cookie: a=b',
  '/x\r\nLocation: https://evil.test',
  '@evil.test',
  'evil.test',
  './/evil.test',
  '../evil.test',
  '?//evil.test',
  '#//evil.test',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'file:///etc/passwd',
  'blob:https://app.example.com/x',
  'mailto:a@evil.test',
  'https://app.example.com.evil.test/',
  'https://app.example.com@evil.test/',
  'https://evil.test#app.example.com',
  'https://evil.test?https://app.example.com/',
  'https://app.example.com/',
  'https://app.example.com:444/',
  '/.fairlead/corp/callback?code=x',
  '/./.fairlead/corp/logout',
  '/.fairlead',
  '/.fairlead?x=y',
  '/.%66airlead/corp/callback?code=x',
  '/%2e%66%61%69%72%6c%65%61%64/corp/logout',
  '/x/../.fairlead/corp/callback',
  `/${'x'.repeat(LIMITS.returnToCharacters)}`,
];

test('at least sixty hostile ways back all end at the root of the own origin', () => {
  assert.ok(HOSTILE.length >= 60);
  for (const wanted of HOSTILE) assert.equal(returnTo(wanted, ORIGIN), '/', JSON.stringify(wanted));
});

test('whatever passes is on the own origin to every reader of URLs', () => {
  const pieces = ['/', '\\', '.', '..', '%2f', '%5c', '@', ':', '?', '#', 'evil.test', '\t', ' '];
  for (const a of pieces) {
    for (const b of pieces) {
      for (const c of pieces) {
        const path = returnTo(`/${a}${b}${c}evil.test`, ORIGIN);

        assert.equal(new URL(path, ORIGIN).origin, ORIGIN);
        assert.doesNotMatch(path, /^\/[/\\]|^\/%2f|^\/%5c|[\s\\]/i);
      }
    }
  }
});

for (const path of [
  '/',
  '/things',
  '/things?a=b&c=%2F%20x',
  '/a/b/?next=https://elsewhere.example/',
  '/search?q=a@b.example',
  '/%C3%A4rger',
  '/a/%2f/b',
  '/~user/(x)/;v=1',
  '/@evil.test',
  '/%40evil.test',
  '/a@evil.test/b',
  '/npm/@scope/package',
  '/things?',
  '/?',
  '/x?a=1?b=2&&c',
  "/it's(ok)~/a:b,d=e$f",
  '/.fairleads/x',
  '/%66airlead/x',
]) {
  test(`${path} stays as it is`, () => {
    assert.equal(returnTo(path, ORIGIN), path);
  });
}

test('a fragment is not kept, and dot segments are resolved', () => {
  assert.equal(safePath('/a/./b/../c?x#y', ORIGIN), '/a/c?x');
  assert.equal(safePath('/a#', ORIGIN), '/a');
});

test('a wish that cannot be kept is told from none', () => {
  assert.deepEqual(wayBack('//evil.test', ORIGIN), { returnTo: '/', isWayLost: true });
  assert.deepEqual(wayBack('/a', ORIGIN), { returnTo: '/a' });
  assert.deepEqual(wayBack(undefined, ORIGIN), { returnTo: '/' });
});

test('no wish is the root', () => {
  assert.equal(returnTo(undefined, ORIGIN), '/');
});
