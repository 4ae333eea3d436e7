import { createHash } from 'node:crypto';

/** Longer keys are kept as their digest, so that a long subject costs no more than a short one. */
const MAX_KEY_LENGTH = 64;

/** A key of limits (a length-prefixed tuple) as tables keep it. Base64url has no ":", so a digest cannot equal a tuple. */
export function shortKey(key: string): string {
  if (key.length <= MAX_KEY_LENGTH) return key;
  return createHash('sha256').update(key).digest('base64url');
}
