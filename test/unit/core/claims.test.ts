import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimText, claimValues, readClaim } from '../../../src/core/claims.ts';
import type { Claimant } from '../../../src/core/claims.ts';

const identity: Claimant = {
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
  assert.equal(claimText(9_007_199_254_740_993n), '9007199254740993');
  assert.equal(claimText([-(2n ** 64n)]), '-18446744073709551616');
  assert.equal(claimText(['a']), 'a');
  for (const value of ['', [], ['a', 'b'], [['a']], {}, null, undefined, Infinity, Number.NaN]) {
    assert.equal(claimText(value), undefined, JSON.stringify(value));
  }
});

test('reads the claims of another provider, and none that is inherited', () => {
  const both = { ...identity, with: { api: { org: { id: 'other' } } } };
  const beside = (provider: string, ...keys: string[]) =>
    readClaim({ kind: 'with', provider, keys }, both);

  assert.equal(beside('api', 'org', 'id'), 'other');
  assert.equal(beside('api', 'list'), undefined);
  assert.equal(beside('corp', 'org'), undefined);
  assert.equal(beside('constructor', 'name'), undefined);
  assert.equal(readClaim({ kind: 'with', provider: 'api', keys: ['org'] }, identity), undefined);
});

test('every element of a list is a value, at the end of a path and on the way', () => {
  const claims = {
    groups: ['a', 'b'],
    org: 'acme',
    teams: [{ name: 'red', roles: ['x', 'y'] }, { name: 'blue' }, 'none'],
    empty: [],
  };
  const values = (...keys: string[]) =>
    claimValues({ kind: 'claim', keys }, { ...identity, claims, with: { api: claims } });

  assert.deepEqual(values('groups'), ['a', 'b']);
  assert.deepEqual(values('org'), ['acme']);
  assert.deepEqual(values('teams', 'name'), ['red', 'blue']);
  assert.deepEqual(values('teams', 'roles'), ['x', 'y']);
  assert.deepEqual(values('groups', 'length'), []);
  assert.deepEqual(values('empty'), []);
  assert.deepEqual(values('missing', 'name'), []);
  assert.deepEqual(claimValues({ kind: 'subject' }, identity), ['u1']);
  const beside = { kind: 'with', provider: 'api', keys: ['teams', 'name'] } as const;
  assert.deepEqual(claimValues(beside, { ...identity, with: { api: claims } }), ['red', 'blue']);
});
