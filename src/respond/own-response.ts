import { fieldsThatAre } from '../core/fields/fields.ts';
import { firstField, hasField, lowerNames, withoutFields } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';
import { privateFields } from './private-fields.ts';

export interface OwnResponseContext {
  readonly hsts: string | undefined;
  readonly nowMs: number;
  /** Whole Set-Cookie values. */
  readonly setCookies: readonly string[];
  /** Of a page that says no: the value of Fairlead-Decision. */
  readonly decision?: string | undefined;
}

/** What the core says itself, or the listener: framing, and how these pages may be kept and linked. */
const OURS = fieldsThatAre('hop', 'framing', 'replaced', 'page');
/** For a page that says nothing itself: no scripts, no frames, forms to this host only. */
const PAGE_POLICY =
  "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/**
 * Fields of what is answered below `/.fairlead`: never kept anywhere, and no other site learns the
 * address, which may hold a code or a token (A6).
 */
export function ownResponseFields(given: HeaderList, context: OwnResponseContext): HeaderList {
  const headers = privateFields(context.nowMs, context.hsts);
  headers.push(...lowerNames(withoutFields(given, OURS)));
  if (isUnguardedPage(given)) headers.push('content-security-policy', PAGE_POLICY);
  if (context.decision !== undefined) headers.push('fairlead-decision', context.decision);
  for (const cookie of context.setCookies) headers.push('set-cookie', cookie);
  return headers;
}

function isUnguardedPage(given: HeaderList): boolean {
  const isPage = firstField(given, 'content-type')?.startsWith('text/html') ?? false;
  return isPage && !hasField(given, 'content-security-policy');
}
