import { pathTo } from '../core/own-path.ts';
import type { Refusal } from '../core/refusal.ts';
import { markup } from '../html/markup.ts';
import type { Markup } from '../html/markup.ts';
import { pageDocument } from '../html/page.ts';
import { codeText } from '../telemetry/names/names.ts';

export interface RefusalPageContext {
  readonly exchangeId: string;
  /** The wait of Retry-After in words. */
  readonly retry?: string | undefined;
  /** The policy says that clients may know why (`gateway.errors.detail`). */
  readonly isDetailPublic?: boolean;
}

/** What a browser shows for a refusal: what happened, what to do, the code and the id to quote. No script. */
export function refusalPage(refusal: Refusal, context: RefusalPageContext): string {
  if (refusal.logins !== undefined) return chooserPage(refusal.logins);
  const { code, status, sentence } = refusal;
  const { exchangeId, retry } = context;
  const isWait = status === 429 && retry !== undefined;
  const first = isWait ? markup`<p>${sentence} Trying sooner does not help.</p>\n` : undefined;
  return pageDocument({
    title: isWait ? `Please wait ${retry}` : sentence,
    content: markup`${first}${waitText(refusal, context)}${detailOf(refusal, context)}${loginLink(refusal)}`,
    isHeld: true,
    reference: {
      requestId: exchangeId,
      code: `${code} (${status})`,
      codeHref: typeOf(code),
    },
  });
}

/** `type` of the problem: the page of the code. Undefined: the code has none. */
export function typeOf(code: string): string | undefined {
  return codeText(code) === undefined ? undefined : pathTo('errors', code);
}

function waitText({ status }: Refusal, { retry }: RefusalPageContext): Markup | undefined {
  if (retry === undefined || status === 429) return undefined;
  return markup`<p>Wait ${retry}, then try again.</p>\n`;
}

function detailOf(
  { code, reason }: Refusal,
  { isDetailPublic }: RefusalPageContext,
): Markup | undefined {
  if (isDetailPublic !== true) return undefined;
  const why = reason && markup`<p>Why: <code>${reason.code}</code> ${reason.detail ?? ''}</p>\n`;
  const text = codeText(code);
  return markup`${why}${text && markup`<p>${text.act}</p>\n`}`;
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
