import type { PathPattern } from '../../policy/snapshot/snapshot.ts';

/** True when the pattern covers a decoded path. One comparison of the literal, no backtracking. */
export function matchesPattern(pattern: PathPattern, decodedPath: string): boolean {
  const literal = pattern.decoded;
  if (!decodedPath.startsWith(literal)) return false;
  const rest = decodedPath.length - literal.length;
  if (pattern.kind === 'exact') return rest === 0;
  if (pattern.kind === 'below') return rest === 0 || decodedPath[literal.length] === '/';
  return rest > 1 && isOneSegment(decodedPath, literal.length);
}

function isOneSegment(path: string, start: number): boolean {
  return path[start] === '/' && !path.includes('/', start + 1);
}
