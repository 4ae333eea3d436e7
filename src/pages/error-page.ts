import { markup } from '../html/markup.ts';
import { pageDocument } from '../html/page.ts';
import { lookOf, ownPageFields } from '../respond/respond.ts';
import type { CodeText } from '../telemetry/names/names.ts';
import { NO_BODY, notAllowed, sendOwn } from './own-request.ts';
import type { OwnRequest } from './own-request.ts';
import type { Refusal } from '../core/refusal.ts';

/** The page of a code: what it means and what to do. `type` of problem documents leads here (RFC 9457 3.1.1). */
export function serveErrorPage(
  { exchange }: OwnRequest,
  { code, text, nowMs }: { readonly code: string; readonly text: CodeText; readonly nowMs: number },
): Refusal | undefined {
  const { method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD') return notAllowed(['GET', 'HEAD']);
  const look = lookOf(exchange.policy.gateway.pages);
  const page = pageDocument({
    look,
    title: `The code ${code}`,
    content: markup`<p>${text.means}</p>
<h2>What to do</h2>
<p>${text.act}</p>`,
  });
  const body = method === 'HEAD' ? NO_BODY : new TextEncoder().encode(page);
  sendOwn(exchange, { status: 200, headers: ownPageFields(look), body, setCookies: [] }, nowMs);
  return undefined;
}
