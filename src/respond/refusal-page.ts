import type { Refusal } from '../core/refusal.ts';
import { escapeHtml } from './own-page.ts';

/** What a browser shows for a refusal: the sentence, the code and the id to quote. No script, no link but to a login. */
export function refusalPage(refusal: Refusal, exchangeId: string): string {
  const sentence = escapeHtml(refusal.sentence);
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${refusal.status} – ${sentence}</title></head>
<body>
<h1>${sentence}</h1>
<p>${escapeHtml(refusal.code)} (${refusal.status}), request ${escapeHtml(exchangeId)}</p>
${loginLink(refusal)}</body>
</html>
`;
}

/** The way back for whoever was logged out in between (`auth/login-url.ts`). */
function loginLink({ members }: Refusal): string {
  const login = members?.['login'];
  if (typeof login !== 'string') return '';
  return `<p><a href="${escapeHtml(login)}">Log in and come back</a></p>\n`;
}
