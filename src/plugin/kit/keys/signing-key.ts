import { Buffer } from 'node:buffer';
import { KeyObject } from 'node:crypto';
import { importJWK } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import type { Algorithm } from './algorithms.ts';
import { isRocaModulus } from './roca.ts';
import type { JsonObject } from '../strict-json.ts';

/** A public key that serves exactly one algorithm (C2). */
export interface SigningKey {
  readonly keyId: string | undefined;
  readonly algorithm: Algorithm;
  readonly key: CryptoKey;
  /** Two keys with the same numbers are one key, whatever they are called. */
  readonly numbers: string;
}

/** C4. Above 8192 a verification costs more than any issuer's reason for such a key. */
const RSA_BITS = { least: 2048, most: 8192 };
const CURVES: Readonly<Record<string, string>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
};
const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['kty', 'n', 'e'],
  EC: ['kty', 'crv', 'x', 'y'],
  OKP: ['kty', 'crv', 'x'],
};

/** The key, or in one sentence why it is not used. Never rejects. */
export async function readSigningKey(
  jwk: JsonObject,
  algorithms: readonly Algorithm[],
): Promise<SigningKey | string> {
  const algorithm = algorithmOf(jwk, algorithms);
  if (algorithm === undefined) return 'no allowed algorithm fits it';
  const fault = keyFault(jwk);
  if (fault !== undefined) return fault;
  const members = PUBLIC_MEMBERS[jwk['kty'] as string]!.map((name) => [name, jwk[name]]);
  try {
    const key = (await importJWK(Object.fromEntries(members) as JWK, algorithm)) as CryptoKey;
    return { keyId: jwk['kid'] as string | undefined, algorithm, key, numbers: numbersOf(key) };
  } catch {
    return 'its numbers are no valid key';
  }
}

/** What of a key can be judged without importing it; for `check()` too. */
export function keyFault(jwk: JsonObject): string | undefined {
  const { kty, kid, use, key_ops: operations } = jwk;
  if (typeof kty !== 'string' || !Object.hasOwn(PUBLIC_MEMBERS, kty)) return 'it is no public key';
  if (Object.hasOwn(jwk, 'd')) return 'it is a private key, and whoever published it has lost it';
  if (kid !== undefined && typeof kid !== 'string') return 'its kid is not a text';
  if (use !== undefined && use !== 'sig') return 'its use is not sig';
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return 'its key_ops do not have verify';
  }
  return kty === 'RSA' ? rsaFault(jwk) : undefined;
}

function rsaFault(jwk: JsonObject): string | undefined {
  const modulus = numberOf(jwk['n']);
  const exponent = numberOf(jwk['e']);
  if (modulus === undefined || exponent === undefined) return 'its numbers are no valid key';
  const bits = modulus.toString(2).length;
  if (bits < RSA_BITS.least || bits > RSA_BITS.most) {
    return `it has ${bits} bits, wanted ${RSA_BITS.least} to ${RSA_BITS.most}`;
  }
  // FIPS 186-5 5.4: odd, and large enough that a cube root forges nothing.
  if (exponent < 65_537n || exponent % 2n === 0n || exponent >= 1n << 64n) {
    return 'its public exponent is not an odd number from 65537 to 2^64';
  }
  return isRocaModulus(modulus) ? 'it was made by a broken generator (ROCA)' : undefined;
}

/** As Node writes them, so that two spellings of one number are the same. */
function numbersOf(key: CryptoKey): string {
  return JSON.stringify(KeyObject.from(key).export({ format: 'jwk' }));
}

function numberOf(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_-]{1,2048}$/.test(value)) return undefined;
  return BigInt(`0x${Buffer.from(value, 'base64url').toString('hex') || '0'}`);
}

/** A key's own `alg` when it is allowed, else the first allowed one that fits its type. */
function algorithmOf(jwk: JsonObject, algorithms: readonly Algorithm[]): Algorithm | undefined {
  const fitting = algorithms.map(canonical).filter((algorithm) => fits(jwk, algorithm));
  const own = jwk['alg'];
  if (own === undefined) return fitting[0];
  return fitting.find((algorithm) => algorithm === canonical(own));
}

/** RFC 9864: `Ed25519` is the new name of what `EdDSA` is with that curve, the only one we have. */
export function canonical<T>(algorithm: T): T | 'EdDSA' {
  return algorithm === 'Ed25519' ? 'EdDSA' : algorithm;
}

function fits(jwk: JsonObject, algorithm: Algorithm): boolean {
  if (/^[RP]S/.test(algorithm)) return jwk['kty'] === 'RSA';
  const type = algorithm === 'EdDSA' ? 'OKP' : 'EC';
  return jwk['kty'] === type && jwk['crv'] === CURVES[algorithm];
}
