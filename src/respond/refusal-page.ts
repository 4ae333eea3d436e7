import type { Refusal } from '../core/refusal.ts';
import { escapeHtml, ownPage } from './own-page.ts';

/** What a browser shows for a refusal: the sentence, the code and the id to quote. No script, no link but to a login. */
export function refusalPage(refusal: Refusal, exchangeId: string): string {
  if (refusal.logins !== undefined) return chooserPage(refusal.logins);
  const { code, status, sentence } = refusal;
  const note = escapeHtml(`${code} (${status}), request ${exchangeId}`);
  return ownPage(sentence, `${loginLink(refusal)}<p class="note">${note}</p>\n`);
}

/** The way back for whoever was logged out in between (`auth/login-url.ts`). */
function loginLink({ members }: Refusal): string {
  const login = members?.['login'];
  if (typeof login !== 'string') return '';
  return `<p><a href="${escapeHtml(login)}">Log in and return to this page</a></p>\n`;
}

/** One link for each login; nothing is decided before the person did. */
function chooserPage(logins: NonNullable<Refusal['logins']>): string {
  const items = logins.map(
    ({ provider, href }) => `<li><a href="${escapeHtml(href)}">${escapeHtml(provider)}</a></li>\n`,
  );
  const unavailable = logins.filter(({ isUnavailable }) => isUnavailable === true);
  const notes = unavailable.map(
    ({ provider }) => `<p>${escapeHtml(provider)} is not available right now.</p>\n`,
  );
  return ownPage('How do you want to log in?', `${notes.join('')}<ul>\n${items.join('')}</ul>\n`);
}
