import { hash } from 'node:crypto';
import { Markup, markup } from './markup.ts';
import { STYLE } from './style.ts';

/** What a page shows. Texts are escaped; what is Markup is not. */
export interface PageParts {
  readonly title: string;
  readonly content: Markup;
  /** True on pages that say that something did not go through: the line of the picture is broken there. */
  readonly isHeld?: boolean;
  /** What to quote to an operator; on pages of a problem, and on no other. */
  readonly reference?: {
    readonly requestId: string;
    readonly code?: string;
    /** A path on this host that explains the code. */
    readonly codeHref?: string | undefined;
  };
  /** Whose page it is. Default: nobody's name, and our mark. */
  readonly look?: PageLook | undefined;
  /** A path on this host to which the browser goes on by itself. */
  readonly goOnTo?: string | undefined;
}

/** How the operator wants pages to look. */
export interface PageLook {
  readonly brand: string | undefined;
  /** A path on this host. */
  readonly logoHref: string | undefined;
  /** Rules beside the style of all pages. */
  readonly css: string | undefined;
  /** A link for those who need help. */
  readonly support: string | undefined;
}

export interface PagePolicy {
  /** Where forms may lead. Undefined: anywhere, as Chromium applies it to the redirects that follow, too. */
  readonly formAction: string | undefined;
  /** Who may show the page in a frame. */
  readonly frameAncestors: string;
  readonly look?: PageLook | undefined;
}

const STYLE_SOURCE = sourceOf(STYLE);

/** Decoration: a line that goes through a ring. */
const MARK = markup`<svg class="mark" viewBox="0 0 64 64" aria-hidden="true" focusable="false"><path d="M16.9 37.3A16 16 0 1 1 21.8 44.3"/><path class="rope" d="M0 47C16.1 47 27.7 34.5 40.5 25.7"/><path class="rope out" d="M50.1 20.1C54.4 18.2 59 17 64 17"/></svg>`;

/** The one template of all pages: no script, nothing fetched, one card. */
export function pageDocument({
  title,
  content,
  isHeld,
  reference,
  look,
  goOnTo,
}: PageParts): string {
  const refresh =
    goOnTo === undefined
      ? undefined
      : markup`<meta http-equiv="refresh" content="0;url=${goOnTo}">\n`;
  // Without the empty icon a browser asks for /favicon.ico: a request to the service, which may begin a login.
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh}<title>${title}${look?.brand === undefined ? '' : ` – ${look.brand}`}</title>
<link rel="icon" href="data:,">
<style>${new Markup(STYLE)}</style>${look?.css === undefined ? undefined : markup`<style>${new Markup(look.css)}</style>`}
</head>
<body${isHeld === true ? markup` class="held"` : undefined}>
<header class="top">${headOf(look)}</header>
<main>
<article class="card">
<div class="body">
<h1>${title}</h1>
${content}
</div>
${reference && referenceOf(reference)}</article>
</main>
<footer class="foot">${supportOf(look)}<span>Fairlead gateway</span></footer>
</body>
</html>
`.text;
}

/** The Content-Security-Policy of a page: no scripts, and this style alone. */
export function pagePolicy({ formAction, frameAncestors, look }: PagePolicy): string {
  const own = look?.css === undefined ? '' : ` ${sourceOf(look.css)}`;
  return [
    "default-src 'none'",
    `style-src ${STYLE_SOURCE}${own}`,
    // data: is the empty icon.
    look?.logoHref === undefined ? 'img-src data:' : "img-src 'self' data:",
    ...(formAction === undefined ? [] : [`form-action ${formAction}`]),
    `frame-ancestors ${frameAncestors}`,
    "base-uri 'none'",
  ].join('; ');
}

function sourceOf(style: string): string {
  return `'sha256-${hash('sha256', style, 'base64')}'`;
}

function headOf(look: PageLook | undefined): Markup {
  const mark =
    look?.logoHref === undefined
      ? MARK
      : markup`<img class="mark" alt="" width="44" height="44" src="${look.logoHref}">`;
  if (look?.brand === undefined) return mark;
  return markup`<a class="brand" href="/">${mark}<span>${look.brand}</span></a>`;
}

function supportOf(look: PageLook | undefined): Markup | undefined {
  if (look?.support === undefined) return undefined;
  const words = look.brand === undefined ? 'Support' : `${look.brand} support`;
  return markup`<a href="${look.support}">${words}</a>`;
}

function referenceOf({ requestId, code, codeHref }: NonNullable<PageParts['reference']>): Markup {
  const shown = code === undefined ? undefined : markup`<code>${code}</code>`;
  const linked = codeHref === undefined ? shown : markup`<a href="${codeHref}">${shown}</a>`;
  const row = code === undefined ? undefined : markup`<div><dt>Code</dt><dd>${linked}</dd></div>\n`;
  return markup`<dl class="ref">
<div><dt>Request id</dt><dd><code class="id">${requestId}</code></dd></div>
${row}</dl>
`;
}
