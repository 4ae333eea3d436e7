import { distance } from 'fastest-levenshtein';

/** The nearest of `known` within an edit distance of max(1, a third of the length); else undefined. */
export function nearest(found: string, known: Iterable<string>): string | undefined {
  // Long strings are never typing slips of our names, and the distance costs length squared.
  if (found.length > 100) return undefined;
  const limit = Math.max(1, Math.floor(found.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    const steps = distance(found.toLowerCase(), candidate.toLowerCase());
    if (candidate !== found && steps < bestDistance) {
      best = candidate;
      bestDistance = steps;
    }
  }
  return best;
}

export function didYouMean(found: string, known: Iterable<string>): string | undefined {
  const near = nearest(found, known);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}
