import { CompactEncrypt, compactDecrypt } from 'jose';
import { parseJson, stringifyJson } from '../core/exact-json.ts';
import type { CookieKey } from './cookie-keys.ts';
import type { SessionRecord } from './session-record.ts';

/** What a cookie holds of a session: all of it. */
export interface SealedSession {
  readonly id: string;
  readonly provider: string;
  /** Counts updates: the higher one is the newer. */
  readonly revision: number;
  /** Last use that the cookie knows of, wall time in milliseconds. */
  readonly usedAtMs: number;
  readonly record: SessionRecord;
}

/** 2: records name their host. */
const VERSION = 2;
const ALGORITHM = 'dir';
const ENCRYPTION = 'A256GCM';

/** A compact JWE (RFC 7516) by the newest key, which its header names. */
export function seal(session: SealedSession, { id, key }: CookieKey): Promise<string> {
  const text = stringifyJson({ version: VERSION, ...session });
  return new CompactEncrypt(new TextEncoder().encode(text))
    .setProtectedHeader({ alg: ALGORITHM, enc: ENCRYPTION, kid: id })
    .encrypt(key);
}

/** Undefined: by none of our keys, changed, of another provider, or not ours at all. */
export async function unseal(
  text: string,
  keys: readonly CookieKey[],
  provider: string,
): Promise<SealedSession | undefined> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(
      text,
      ({ kid }) => keyNamed(keys, kid),
      { keyManagementAlgorithms: [ALGORITHM], contentEncryptionAlgorithms: [ENCRYPTION] },
    );
    // nothing of ours is compressed, and nothing is ever inflated.
    if (protectedHeader['zip'] !== undefined) return undefined;
    const opened = parseJson(new TextDecoder().decode(plaintext)) as SealedSession & {
      readonly version: number;
    };
    return opened.version === VERSION && opened.provider === provider ? opened : undefined;
  } catch {
    return undefined;
  }
}

function keyNamed(keys: readonly CookieKey[], kid: string | undefined): Uint8Array {
  const found = keys.find(({ id }) => id === kid);
  if (found === undefined) throw new Error('a key that we do not have, or not any more');
  return found.key;
}
