import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimText, readClaim } from '../../../src/core/claims.ts';
import type { IdentityLike } from '../../../src/core/identity.ts';

const identity: IdentityLike = {
  subject: 'u1',
  issuer: 'https://issuer.example',
  method: 'jwt',
  claims: { org: { id: 'acme' }, 'https://x/y': 'z', list: ['only'], text: 'abc' },
};

const claim = (...keys: string[]) => readClaim({ kind: 'claim', keys }, identity);

test('follows a claim path key by key', () => {
  assert.equal(claim('org', 'id'), 'acme');
  assert.equal(claim('https://x/y'), 'z');
});

test('finds nothing where a step is missing or is no object', () => {
  assert.equal(claim('org', 'name'), undefined);
  assert.equal(claim('org', 'id', 'length'), undefined);
  assert.equal(claim('text', 'length'), undefined);
});

test('finds no inherited property', () => {
  for (const key of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    assert.equal(claim(key), undefined, key);
    assert.equal(claim('org', key), undefined, key);
  }
  assert.equal(claim('constructor', 'name'), undefined);
});

test('reads subject, issuer, method and tenant', () => {
  assert.equal(readClaim({ kind: 'subject' }, identity), 'u1');
  assert.equal(readClaim({ kind: 'issuer' }, identity), 'https://issuer.example');
  assert.equal(readClaim({ kind: 'method' }, identity), 'jwt');
  assert.equal(readClaim({ kind: 'tenant' }, identity, 'acme'), 'acme');
  assert.equal(readClaim({ kind: 'tenant' }, identity), undefined);
});

test('takes one scalar as text and nothing that could be read in two ways', () => {
  assert.equal(claimText('a'), 'a');
  assert.equal(claimText(7), '7');
  assert.equal(claimText(true), 'true');
  assert.equal(claimText(['a']), 'a');
  for (const value of ['', [], ['a', 'b'], [['a']], {}, null, undefined, Infinity, Number.NaN]) {
    assert.equal(claimText(value), undefined, JSON.stringify(value));
  }
});
