import { hash } from 'node:crypto';

/** Text that is HTML already. Everything else that goes into `markup` is escaped. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A template of HTML: values are escaped, unless they are Markup; `undefined` is nothing. Not called
 * `html`, since formatters rewrite what is inside that one, and the style has a hash.
 */
export function markup(
  parts: TemplateStringsArray,
  ...values: readonly (string | Markup | undefined)[]
): Markup {
  const pieces = parts.map((part, index) => part + markupOf(values[index]));
  return new Markup(pieces.join(''));
}

const STYLE = `body{margin:0;font:1.05rem/1.6 system-ui,sans-serif;color:#1a1a1a;background:#f4f5f7}
main{max-width:34rem;margin:12vh auto 2rem;padding:2rem;background:#fff;border-radius:.6rem;border:1px solid #d5d8de;overflow-wrap:anywhere}
h1{margin:0 0 1rem;font-size:1.4rem;line-height:1.3}
.note{color:#4a4f57;font-size:.9rem}
a{color:#0b4fb3}
button{font:inherit;padding:.5rem 1.2rem;border:0;border-radius:.4rem;background:#0b4fb3;color:#fff;cursor:pointer}
@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#15171a}main{background:#1f2226;border-color:#3a3f46}.note{color:#b4bac3}a{color:#8fb8ff}}`;
const STYLE_HASH = `'sha256-${hash('sha256', STYLE, 'base64')}'`;

export interface Page {
  readonly status: number;
  readonly title: string;
  readonly content: Markup;
  /** A path on this host to which the browser goes on by itself. */
  readonly goOnTo?: string | undefined;
  /** Where a form of the page may lead; default nowhere. */
  readonly formAction?: string;
  /** Who may show the page in a frame; default nobody. */
  readonly frameAncestors?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A page without scripts, never cached, telling no other site where it was (A6). */
export function pageResponse(page: Page): Response {
  const refresh =
    page.goOnTo === undefined
      ? undefined
      : markup`<meta http-equiv="refresh" content="0;url=${page.goOnTo}" />`;
  const document = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
${refresh}
<title>${page.title}</title>
<link rel="icon" href="data:," />
<style>${new Markup(STYLE)}</style>
</head>
<body>
<main>
<h1>${page.title}</h1>
${page.content}
</main>
</body>
</html>
`;
  return new Response(document.text, { status: page.status, headers: pageHeaders(page) });
}

/** Fields of every answer of ours, a page or not. */
export const PRIVATE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** RFC 9700 4.12: 303, so that what was posted to us is posted nowhere else (A7). */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { ...PRIVATE_HEADERS, location } });
}

function pageHeaders(page: Page): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src ${STYLE_HASH}`,
    // For the empty icon: asked for /favicon.ico, the service would answer, or a login begin.
    'img-src data:',
    `form-action ${page.formAction ?? "'none'"}`,
    `frame-ancestors ${page.frameAncestors ?? "'none'"}`,
    "base-uri 'none'",
  ];
  return {
    ...PRIVATE_HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    ...page.headers,
  };
}

function markupOf(value: string | Markup | undefined): string {
  if (value === undefined) return '';
  if (value instanceof Markup) return value.text;
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
