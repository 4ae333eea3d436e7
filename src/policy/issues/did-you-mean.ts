import { distance } from 'fastest-levenshtein';

/** The nearest of `known` within an edit distance of max(1, a third of the length); else undefined. */
export function nearest(found: string, known: Iterable<string>): string | undefined {
  // Long strings are never typing slips of our names, and the distance costs length squared.
  if (found.length > 100) return undefined;
  const limit = Math.max(1, Math.floor(found.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    const [written, meant] = [found.toLowerCase(), candidate.toLowerCase()];
    const steps = isSwapped(written, meant) ? 1 : distance(written, meant);
    if (candidate !== found && steps < bestDistance) {
      best = candidate;
      bestDistance = steps;
    }
  }
  return best;
}

/** Two neighbouring letters exchanged are one slip of the hand; the distance counts them as two. */
function isSwapped(written: string, meant: string): boolean {
  if (written.length !== meant.length) return false;
  let at = 0;
  while (at < written.length && written[at] === meant[at]) at += 1;
  const swapped = written.slice(0, at) + (written[at + 1] ?? '') + (written[at] ?? '');
  return swapped + written.slice(at + 2) === meant;
}

export function didYouMean(found: string, known: Iterable<string>): string | undefined {
  const near = nearest(found, known);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

/** No place of the language has more keys; a longer list is the names of a very large set. */
const MAX_LISTED = 40;

/** The nearest, or where none is near all that there are: `known keys: a, b, c`. */
export function didYouMeanOr(
  label: string,
  found: string,
  known: readonly string[],
): string | undefined {
  const near = didYouMean(found, known);
  if (near !== undefined || known.length === 0) return near;
  const more = known.length > MAX_LISTED ? ', …' : '';
  return `${label}: ${known.slice(0, MAX_LISTED).join(', ')}${more}`;
}
