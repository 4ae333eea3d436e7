import { isOwnPath } from '../../core/own-path.ts';
import { isRefusal } from '../../core/refusal.ts';
import type { Refusal } from '../../core/refusal.ts';
import type { PathRewrite } from '../../policy/snapshot/snapshot.ts';
import { noRoute } from './no-route.ts';
import { normalisePath } from './normalise-path.ts';

/**
 * The path that the application gets in place of the client's. It is normalised like any other, leads nowhere below
 * `/.fairlead`, and never routes again: match, limits and logs keep the client's.
 */
export function rewritePath(rewrite: PathRewrite, path: string): string | Refusal {
  const wanted = rewrite.kind === 'literal' ? rewrite.path : prefixed(rewrite, path);
  const normal = normalisePath(wanted);
  if (isRefusal(normal)) return normal;
  const readings = normal.unusual?.readings ?? [normal.decoded];
  return readings.some(isOwnPath)
    ? noRoute(`${path} is rewritten to a path of the gateway's own`)
    : normal.path;
}

/** The pattern of the rule has the prefix, so its segments are there, however they are encoded. */
function prefixed(
  { segments, add }: Extract<PathRewrite, { kind: 'prefix' }>,
  path: string,
): string {
  let at = 0;
  for (let count = 0; count < segments; count += 1) {
    const next = path.indexOf('/', at + 1);
    at = next === -1 ? path.length : next;
  }
  const rewritten = `${add}${path.slice(at)}`;
  return rewritten === '' ? '/' : rewritten;
}
