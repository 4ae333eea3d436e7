import type { Refusal } from '../core/refusal.ts';
import { escapeHtml, ownPage } from './own-page.ts';

/** What a browser shows for a refusal: the sentence, the code and the id to quote. No script, no link but to a login. */
export function refusalPage(refusal: Refusal, exchangeId: string): string {
  if (refusal.logins !== undefined) return chooserPage(refusal.logins);
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

/** One link for each login; nothing is decided before the person did. */
function chooserPage(logins: NonNullable<Refusal['logins']>): string {
  const items = logins.map(
    ({ provider, href }) => `<li><a href="${escapeHtml(href)}">${escapeHtml(provider)}</a></li>\n`,
  );
  return ownPage('How do you want to log in?', `<ul>\n${items.join('')}</ul>\n`);
}
