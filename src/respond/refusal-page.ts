import { pathTo } from '../core/own-path.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { Refusal } from '../core/refusal.ts';
import { markup } from '../html/markup.ts';
import type { Markup } from '../html/markup.ts';
import { pageDocument } from '../html/page.ts';
import type { PageLook } from '../html/page.ts';
import type { PagesPolicy } from '../policy/snapshot/snapshot.ts';
import { codeText } from '../telemetry/names/names.ts';
import { ownPageFields } from './own-page.ts';
import { logoHref, lookOf, styleHref } from './page-look.ts';
import { TEMPLATE_FIELDS, templatePage } from './template-page.ts';
import type { TemplateValues } from './template-page.ts';

export interface RefusalPageContext {
  readonly exchangeId: string;
  /** The wait of Retry-After in words. */
  readonly retry?: string | undefined;
  /** The policy says that clients may know why (`gateway.errors.detail`). */
  readonly isDetailPublic?: boolean;
  readonly pages?: PagesPolicy | undefined;
  readonly nowMs: number;
}

/** A body and the fields that say what it is. */
export interface RefusalPage {
  readonly text: string;
  readonly fields: HeaderList;
}

/** What a browser shows for a refusal, and the fields that go with it. No script in any of them. */
export function refusalPage(refusal: Refusal, context: RefusalPageContext): RefusalPage {
  const { pages } = context;
  const look = lookOf(pages);
  const fields = ownPageFields(look);
  // A list of links is nothing that a text could stand for.
  if (refusal.logins !== undefined) return { text: chooserPage(refusal.logins, look), fields };
  const template = pages?.templates?.get(refusal.code) ?? pages?.templates?.get('default');
  if (pages === undefined || template === undefined) {
    return { text: ourPage(refusal, context, look), fields };
  }
  const text = templatePage(template, valuesOf(refusal, context, pages));
  return { text, fields: TEMPLATE_FIELDS };
}

/** What happened, what to do, the code and the id to quote. */
function ourPage(
  refusal: Refusal,
  context: RefusalPageContext,
  look: PageLook | undefined,
): string {
  const { code, status, sentence } = refusal;
  const { exchangeId, retry } = context;
  const isWait = status === 429 && retry !== undefined;
  const first = isWait ? markup`<p>${sentence} Trying sooner does not help.</p>\n` : undefined;
  return pageDocument({
    title: titleOf(refusal, context),
    content: markup`${first}${waitText(refusal, context)}${detailOf(refusal, context)}${loginLink(refusal)}`,
    isHeld: true,
    look,
    reference: {
      requestId: exchangeId,
      code: `${code} (${status})`,
      codeHref: typeOf(code),
    },
  });
}

function titleOf({ status, sentence }: Refusal, { retry }: RefusalPageContext): string {
  return status === 429 && retry !== undefined ? `Please wait ${retry}` : sentence;
}

function valuesOf(
  refusal: Refusal,
  context: RefusalPageContext,
  pages: PagesPolicy,
): TemplateValues {
  const { code, status, sentence, reason, members } = refusal;
  const isPublic = context.isDetailPublic === true;
  const login = members?.['login'];
  return {
    title: titleOf(refusal, context),
    sentence,
    code,
    status: String(status),
    id: context.exchangeId,
    time: new Date(context.nowMs).toUTCString(),
    retry: context.retry,
    login: typeof login === 'string' ? login : undefined,
    explained: typeOf(code),
    reason: isPublic ? (reason?.detail ?? reason?.code) : undefined,
    remedy: isPublic ? codeText(code)?.act : undefined,
    brand: pages.brand,
    logo: logoHref(pages),
    style: styleHref(pages),
    support: pages.support,
  };
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
  { isDetailPublic, retry }: RefusalPageContext,
): Markup | undefined {
  if (isDetailPublic !== true) return undefined;
  const why = reason && markup`<p>Why: <code>${reason.code}</code> ${reason.detail ?? ''}</p>\n`;
  // To wait is the remedy, and the page has said how long.
  const text = retry === undefined ? codeText(code) : undefined;
  return markup`${why}${text && markup`<p>${text.act}</p>\n`}`;
}

/** The way back for whoever was logged out in between (`auth/login-url.ts`). */
function loginLink({ members }: Refusal): Markup | undefined {
  const login = members?.['login'];
  if (typeof login !== 'string') return undefined;
  return markup`<p class="acts"><a class="button" href="${login}">Sign in and return to this page</a></p>`;
}

/** One link for each login; nothing is decided before the person did. */
function chooserPage(logins: NonNullable<Refusal['logins']>, look: PageLook | undefined): string {
  const items = logins.map(
    ({ provider, href }) => markup`<li><a class="row" href="${href}">${provider}</a></li>\n`,
  );
  const notes = logins
    .filter(({ isUnavailable }) => isUnavailable === true)
    .map(({ provider }) => markup`<p>${provider} is not available right now.</p>\n`);
  const content = markup`<p>Who do you sign in with?</p>
${notes}<ul class="rows">\n${items}</ul>`;
  const title = look?.brand === undefined ? 'Sign in' : `Sign in to ${look.brand}`;
  return pageDocument({ title, content, look });
}
