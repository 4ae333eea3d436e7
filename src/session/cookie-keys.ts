import { createHash, hkdfSync } from 'node:crypto';
import type { Secret } from '../core/secret.ts';

/** A key that seals cookies, and the id under which cookies name it. */
export interface CookieKey {
  readonly id: string;
  readonly key: Uint8Array;
}

const KEY_OCTETS = 32;
const ID_OCTETS = 8;
const derived = new WeakMap<Secret, CookieKey>();

/** The keys of a policy in its order, newest first; ids follow from the secrets, so replicas agree. */
export function cookieKeys(secrets: readonly Secret[]): readonly CookieKey[] {
  return secrets.map((secret) => {
    const known = derived.get(secret) ?? derive(secret);
    derived.set(secret, known);
    return known;
  });
}

/** RFC 5869: whatever the secret's form, the key has 256 bits and is good for nothing else. */
function derive(secret: Secret): CookieKey {
  const key = new Uint8Array(
    hkdfSync('sha256', secret.reveal(), '', 'fairlead session cookie', KEY_OCTETS),
  );
  const digest = createHash('sha256').update('key id').update(key).digest();
  return { id: digest.subarray(0, ID_OCTETS).toString('base64url'), key };
}
