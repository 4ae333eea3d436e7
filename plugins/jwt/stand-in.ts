import { isDeepStrictEqual } from 'node:util';
import type { Options } from './options.ts';

/**
 * Whether tokens may be judged by the options before while the new keys are not there. Another place at
 * which the issuer publishes its keys lets nobody in, nor does a new audience beside the others. Whatever
 * else changes may be meant to keep tokens out, and keys in the policy or in a file that were taken out too.
 */
export function mayStandIn(before: Options, next: Options): boolean {
  const { audience: oldAudience, jwks: oldKeys, ...oldRules } = before;
  const { audience, jwks: _keys, ...rules } = next;
  if (oldKeys.keys !== undefined || oldKeys.file !== undefined) return false;
  if (oldAudience.claim !== audience.claim) return false;
  if (!oldAudience.is.every((each) => audience.is.includes(each))) return false;
  return isDeepStrictEqual(oldRules, rules);
}
