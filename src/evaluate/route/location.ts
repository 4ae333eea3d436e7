import { originText, schemeOf } from '../../core/origin.ts';
import type { RequestFacts } from '../../core/message.ts';
import type { RedirectAnswer } from '../../policy/snapshot/snapshot.ts';
import type { RouteMatch } from './match.ts';

/** RFC 3986 3.4: what browsers send raw in a query and no URI has; a `` is a slash to some. */
const NOT_OF_A_QUERY = /["<>\\^`{|}]/g;

/**
 * `Location` of a redirect. Its host is the one written, or the request's own, which its route has. The path begins
 * with one slash: the template has literals and `{path}` in such places only, and a path never begins with two.
 */
export function locationOf(
  { scheme, host, path: template }: RedirectAnswer,
  { path, query }: Pick<RouteMatch, 'path' | 'query'>,
  request: Pick<RequestFacts, 'connection' | 'host'>,
  publicPort: number,
): string {
  const filled = template
    .map((part) => {
      if (part === '{path}') return path;
      return part === '{query}'
        ? (query ?? '').replaceAll(NOT_OF_A_QUERY, encodeURIComponent)
        : part;
    })
    .join('');
  const target = filled.endsWith('?') ? filled.slice(0, -1) : filled;
  if (host === undefined && scheme === undefined) return target;
  const named = scheme ?? schemeOf(request);
  if (host !== undefined) return `${named}://${host}${target}`;
  // Clients see one port, and it speaks https.
  return `${named === 'https' ? originText('https', request.host, publicPort) : `http://${request.host}`}${target}`;
}
