import { listMembers } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';

/**
 * True when a person is looking: a GET or HEAD whose Accept names `text/html`, and no kind of JSON
 * before it. Browsers say so in navigations; API clients ask for anything or for JSON.
 */
export function prefersHtml(method: string | undefined, requestHeaders: HeaderList): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const accepted = listMembers(requestHeaders, 'accept').map(mediaType);
  const html = accepted.indexOf('text/html');
  if (html === -1) return false;
  const json = accepted.findIndex((type) => type.endsWith('/json') || type.endsWith('+json'));
  return json === -1 || html < json;
}

function mediaType(member: string): string {
  return member.split(';', 1)[0]!.trim();
}
