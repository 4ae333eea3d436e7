import { createHash } from 'node:crypto';

/** Longer keys are kept as their digest, so that a long tenant id costs no more than a short one. */
const MAX_KEY_LENGTH = 64;

/**
 * The key of a check in the shared store, in one slot of a cluster together with what begins with it. `kind` keeps apart what
 * would not understand each other. Keys are length-prefixed tuples, so none begins with a brace.
 */
export function sharedKey(kind: 'window' | 'strict' | 'places', key: string): string {
  // Base64url has no ":", so a digest cannot equal a tuple.
  const short =
    key.length <= MAX_KEY_LENGTH ? key : createHash('sha256').update(key).digest('base64url');
  return `limit:${kind}:{${short}}`;
}
