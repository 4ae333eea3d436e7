import type { Refusal } from '../core/refusal.ts';
import { markup } from '../html/markup.ts';
import type { Markup } from '../html/markup.ts';
import { pageDocument } from '../html/page.ts';

/** What a browser shows for a refusal: the sentence, the code and the id to quote. No script, no link but to a login. */
export function refusalPage(refusal: Refusal, exchangeId: string): string {
  if (refusal.logins !== undefined) return chooserPage(refusal.logins);
  const { code, status, sentence } = refusal;
  return pageDocument({
    title: sentence,
    content: loginLink(refusal) ?? markup``,
    isHeld: true,
    reference: { requestId: exchangeId, code: `${code} (${status})` },
  });
}

/** The way back for whoever was logged out in between (`auth/login-url.ts`). */
function loginLink({ members }: Refusal): Markup | undefined {
  const login = members?.['login'];
  if (typeof login !== 'string') return undefined;
  return markup`<p class="acts"><a class="button" href="${login}">Log in and return to this page</a></p>`;
}

/** One link for each login; nothing is decided before the person did. */
function chooserPage(logins: NonNullable<Refusal['logins']>): string {
  const items = logins.map(
    ({ provider, href }) => markup`<li><a class="row" href="${href}">${provider}</a></li>\n`,
  );
  const notes = logins
    .filter(({ isUnavailable }) => isUnavailable === true)
    .map(({ provider }) => markup`<p>${provider} is not available right now.</p>\n`);
  const content = markup`${notes}<ul class="rows">\n${items}</ul>`;
  return pageDocument({ title: 'How do you want to log in?', content });
}
