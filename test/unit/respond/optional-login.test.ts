import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldValues, hasField } from '../../../src/core/header-list.ts';
import { optionalLoginFields } from '../../../src/respond/optional-login.ts';

const ADA = {
  subject: 'ada',
  issuer: 'i',
  method: 'jwt',
  claims: {},
  provider: 'api',
  authenticatedAt: 0,
};
const VARY = ['vary', 'Authorization, Cookie'];

function cacheControl(...said: string[]): string[] {
  const headers = said.flatMap((value) => ['Cache-Control', value]);
  return fieldValues(optionalLoginFields(headers, ADA), 'cache-control');
}

test('an answer for nobody is kept as the application says, by what the request had', () => {
  const headers = ['cache-control', 'public, max-age=60', 'vary', 'Accept'];

  assert.deepEqual(optionalLoginFields(headers, undefined), [...headers, ...VARY]);
});

test('an answer for somebody is private, whatever the application says', () => {
  assert.deepEqual(cacheControl(), ['private']);
  assert.deepEqual(cacheControl('public, max-age=60'), ['private, max-age=60']);
  assert.deepEqual(cacheControl('Public', 'S-MaxAge=600 , no-cache'), ['private, no-cache']);
  assert.deepEqual(cacheControl('no-store'), ['private, no-store']);
  assert.deepEqual(cacheControl('private="set-cookie, x", x="a, public"'), [
    'private, x="a, public"',
  ]);
});

test('what overrides Cache-Control for caches on the way is removed for somebody', () => {
  const headers = ['CDN-Cache-Control', 'max-age=60', 'Surrogate-Control', 'max-age=60', 'x', 'y'];

  const fields = optionalLoginFields(headers, ADA);

  assert.equal(hasField(fields, 'cdn-cache-control'), false);
  assert.equal(hasField(fields, 'surrogate-control'), false);
  assert.equal(hasField(fields, 'x'), true);
  assert.deepEqual(fieldValues(fields, 'vary'), [VARY[1]]);
});
