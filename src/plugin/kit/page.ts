import { pageDocument, pagePolicy } from '../../html/page.ts';
import type { PageParts } from '../../html/page.ts';
import type { EndpointRequest } from '../contract/request.ts';

export interface Page extends Omit<PageParts, 'look'> {
  readonly status: number;
  /** Where a form of the page may lead; default nowhere. */
  readonly formAction?: string;
  /** Who may show the page in a frame; default nobody. */
  readonly frameAncestors?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Fields of every answer of a plugin, a page or not. */
export const PRIVATE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/**
 * A page that looks like the gateway's, with the brand of its operator: without scripts, never cached, telling no other
 * site where it was (A6).
 */
export function pageResponse({ look }: Pick<EndpointRequest, 'look'>, page: Page): Response {
  const { status, formAction, frameAncestors, headers, ...parts } = page;
  const policy = pagePolicy({
    formAction: formAction ?? "'none'",
    frameAncestors: frameAncestors ?? "'none'",
    look,
  });
  return new Response(pageDocument({ ...parts, look }), {
    status,
    headers: {
      ...PRIVATE_HEADERS,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
      ...headers,
    },
  });
}

/** RFC 9700 4.12: 303, so that what was posted to us is posted nowhere else (A7). */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { ...PRIVATE_HEADERS, location } });
}
