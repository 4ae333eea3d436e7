import type { PathPattern } from '../../policy/snapshot/snapshot.ts';
import { decodeOctets } from './percent.ts';

/** True when the pattern covers a decoded path. One comparison of the literal, no backtracking. */
export function matchesPattern(pattern: PathPattern, decodedPath: string): boolean {
  const literal = literalOf(pattern);
  if (!decodedPath.startsWith(literal)) return false;
  const rest = decodedPath.length - literal.length;
  if (pattern.kind === 'exact') return rest === 0;
  if (pattern.kind === 'below') return rest === 0 || decodedPath[literal.length] === '/';
  return rest > 1 && isOneSegment(decodedPath, literal.length);
}

const decodedLiterals = new WeakMap<PathPattern, string>();

/** Patterns may be written encoded or not; both must govern the same path, else one would slip past. */
function literalOf(pattern: PathPattern): string {
  if (!pattern.literal.includes('%')) return pattern.literal;
  const known = decodedLiterals.get(pattern);
  if (known !== undefined) return known;
  const literal = decodeOctets(pattern.literal) ?? pattern.literal;
  decodedLiterals.set(pattern, literal);
  return literal;
}

function isOneSegment(path: string, start: number): boolean {
  return path[start] === '/' && !path.includes('/', start + 1);
}
