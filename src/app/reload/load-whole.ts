import { factsNow, isSameFacts } from '../../policy/source/file-facts.ts';
import type { LoadedSet } from '../load/load-policy-set.ts';

/** Whoever writes for longer than so many attempts is heard of at the next look. */
const MAX_ATTEMPTS = 10;

/**
 * A set of which no file changed while it was read: half of the old and half of the new would be a policy that nobody
 * wrote. Undefined when the files kept on changing.
 */
export async function loadWhole(
  load: () => Promise<LoadedSet>,
  /** Between two attempts. */
  pause: () => Promise<void>,
): Promise<LoadedSet | undefined> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const set = await load();
    if (isSameFacts(set.facts, await factsNow(set.facts))) return set;
    await pause();
  }
  return undefined;
}
