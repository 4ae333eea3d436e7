import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { locationOf } from '../../../../src/evaluate/route/location.ts';
import { rewritePath } from '../../../../src/evaluate/route/rewrite.ts';
import {
  compileRedirect,
  compileRespond,
  compileRewrite,
} from '../../../../src/policy/compile/compile-answer.ts';
import type { RedirectInput, RewriteInput } from '../../../../src/policy/schema/schema.ts';
import { inbound } from '../../../support/auth/auth.ts';

const REDIRECTS: readonly (readonly [RedirectInput, string, string | undefined, string])[] = [
  [{ host: 'WWW.example.com' }, '/a', 'b=c', 'https://www.example.com/a?b=c'],
  [{ host: 'www.example.com:8443' }, '/a', undefined, 'https://www.example.com:8443/a'],
  [{ path: '/new' }, '/a', 'b=c', '/new'],
  [{ path: '/docs{path}' }, '/a', 'b=c', '/docs/a'],
  [{ path: '{path}?from=old&{query}' }, '/a', 'b=c', '/a?from=old&b=c'],
  [{ path: '/new?{query}' }, '/a', '"<\\>', '/new?%22%3C%5C%3E'],
  [{ scheme: 'https' }, '/a', undefined, 'https://app.example.com:8443/a'],
  [{ scheme: 'http', host: 'a.example' }, '/', undefined, 'http://a.example/'],
];

for (const [input, path, query, expected] of REDIRECTS) {
  test(`${JSON.stringify(input)} leads ${path}?${query ?? ''} to ${expected}`, () => {
    const request = inbound({ host: 'app.example.com' });

    assert.equal(locationOf(compileRedirect(input), { path, query }, request, 8443), expected);
  });
}

test('a redirect has status 308, and another one where it is written', () => {
  assert.equal(compileRedirect({ host: 'a' }).status, 308);
  assert.equal(compileRedirect({ host: 'a', status: 302 }).status, 302);
});

test('an answer with a body is plain text unless its headers say otherwise', () => {
  assert.deepEqual(compileRespond({ body: 'x' }).headers, [
    'content-type',
    'text/plain; charset=utf-8',
  ]);
  assert.deepEqual(compileRespond({ body: 'x', headers: { 'Content-Type': 'a/b' } }).headers, [
    'content-type',
    'a/b',
  ]);
  const files = new Map(['/a.html', '/a.ICO', '/a.dat'].map((name) => [name, Buffer.from('x')]));
  const typeOf = (file: string, headers?: Record<string, string>) =>
    compileRespond({ file, ...(headers && { headers }) }, files).headers[1];
  assert.equal(typeOf('/a.html'), 'text/html; charset=utf-8');
  assert.equal(typeOf('/a.ICO'), 'image/vnd.microsoft.icon');
  assert.equal(typeOf('/a.dat', { 'Content-Type': 'a/b' }), 'a/b');
  const none = { kind: 'respond', status: 200, headers: [], body: Buffer.alloc(0) };
  assert.deepEqual(compileRespond({}), none);
});

const REWRITES: readonly (readonly [RewriteInput, string, string])[] = [
  [{ strip: '/api' }, '/api', '/'],
  [{ strip: '/api' }, '/api/', '/'],
  [{ strip: '/api' }, '/api/a/b', '/a/b'],
  [{ strip: '/a/b' }, '/a/b/c', '/c'],
  [{ strip: '/a!b' }, '/a%21b/c', '/c'],
  [{ strip: '/api', add: '/v2' }, '/api/a', '/v2/a'],
  [{ strip: '/api', add: '/v2' }, '/api', '/v2'],
  [{ add: '/v2' }, '/', '/v2/'],
  [{ path: '/status' }, '/a/b', '/status'],
  [{ strip: '/api' }, '/api//evil.example/x', 'invalid_path'],
  [{ strip: '/api' }, '/api/.fairlead/x', 'no_route'],
  [{ strip: '/api' }, '/api/.fairlead%2Fx', 'no_route'],
  [{ strip: '/api' }, '/api/.fairlead', 'no_route'],
];

for (const [input, path, expected] of REWRITES) {
  test(`${JSON.stringify(input)} makes ${expected} of ${path}`, () => {
    const found = rewritePath(compileRewrite(input)!, path);

    assert.equal(isRefusal(found) ? found.code : found, expected);
  });
}
