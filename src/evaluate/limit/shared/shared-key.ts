import { shortKey } from '../short-key.ts';

/**
 * The key of a check in the shared store, in one slot of a cluster together with what begins with it. `kind` keeps apart what
 * would not understand each other. Keys are length-prefixed tuples, so none begins with a brace.
 */
export function sharedKey(kind: 'window' | 'strict' | 'quota' | 'places', key: string): string {
  return `limit:${kind}:{${shortKey(key)}}`;
}
