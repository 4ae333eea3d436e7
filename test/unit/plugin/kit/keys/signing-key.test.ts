import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ALGORITHMS } from '../../../../../src/plugin/kit/keys/algorithms.ts';
import { isRocaModulus } from '../../../../../src/plugin/kit/keys/roca.ts';
import { keyFault, readSigningKey } from '../../../../../src/plugin/kit/keys/signing-key.ts';

const rsaJwk = (modulusLength: number, publicExponent = 65_537): Record<string, unknown> => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength, publicExponent });
  return { ...publicKey.export({ format: 'jwk' }) };
};
const ecJwk = (namedCurve: string): Record<string, unknown> => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve });
  return { ...publicKey.export({ format: 'jwk' }) };
};
const rsa = rsaJwk(2048);
const ec = ecJwk('P-256');

const REFUSED: readonly (readonly [name: string, jwk: Record<string, unknown>, RegExp])[] = [
  ['C4: RSA of 1024 bits', rsaJwk(1024), /has 1024 bits, wanted 2048/],
  ['C4: RSA of 2039 bits', { ...rsa, n: 'f'.repeat(341) }, /has 2039 bits/],
  ['RSA of 16384 bits', { ...rsa, n: '_'.repeat(2731) }, /no valid key/],
  ['C4: the exponent 3', rsaJwk(2048, 3), /public exponent/],
  ['C4: the exponent 1', { ...rsa, e: 'AQ' }, /public exponent/],
  ['an even exponent', { ...rsa, e: 'AQAC' }, /public exponent/],
  ['an RSA key without a modulus', { kty: 'RSA', e: 'AQAB' }, /no valid key/],
  ['a secret', { kty: 'oct', k: 'AAAA' }, /no public key/],
  ['a type of key that is a member of every object', { kty: 'toString' }, /no public key/],
  ['a private key', { ...ec, d: 'AAAA' }, /private key/],
  ['a key for encryption', { ...ec, use: 'enc' }, /use is not sig/],
  ['a key for signing only', { ...ec, key_ops: ['sign'] }, /key_ops/],
  ['a kid that is a number', { ...ec, kid: 1 }, /kid is not a text/],
];

for (const [name, jwk, message] of REFUSED) {
  test(`refuses ${name}`, () => {
    assert.match(keyFault(jwk) ?? '', message);
  });
}

test('refuses a curve, a type or an algorithm that policy does not allow', async () => {
  for (const [jwk, algorithms] of [
    [ecJwk('secp256k1'), ALGORITHMS],
    [ecJwk('P-384'), ['ES256']],
    [ec, ['RS256', 'EdDSA']],
    [{ ...ec, alg: 'ES384' }, ALGORITHMS],
    [{ ...rsa, alg: 'HS256' }, ALGORITHMS],
    [{ kty: 'OKP', crv: 'X25519', x: 'AAAA' }, ALGORITHMS],
  ] as const) {
    assert.equal(await readSigningKey(jwk, algorithms), 'no allowed algorithm fits it');
  }
});

test('takes a good key for one algorithm', async () => {
  const key = await readSigningKey({ ...ec, kid: 'k' }, ALGORITHMS);

  assert.ok(typeof key !== 'string');
  assert.deepEqual([key.keyId, key.algorithm, key.key.type], ['k', 'ES256', 'public']);
});

test('an ordinary modulus is not taken for one of the broken generator', () => {
  const modulus = BigInt(`0x${Buffer.from(rsa['n'] as string, 'base64url').toString('hex')}`);

  assert.equal(isRocaModulus(modulus), false);
  assert.equal(isRocaModulus(65_537n ** 4n), true);
});
