import { hash } from 'node:crypto';
import type { HeaderList } from '../core/header-list.ts';

const STYLE = `body{margin:0;font:1.05rem/1.6 system-ui,sans-serif;color:#1a1a1a;background:#f4f5f7}
main{max-width:34rem;margin:12vh auto 2rem;padding:2rem;background:#fff;border-radius:.6rem;border:1px solid #d5d8de;overflow-wrap:anywhere}
h1{margin:0 0 1rem;font-size:1.4rem;line-height:1.3}
h2{margin:1.5rem 0 .6rem;font-size:1.1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.2rem;margin:0 0 1.5rem}
dt{color:#4a4f57}
dd{margin:0}
ul{list-style:none;margin:0;padding:0}
li{margin:0 0 .6rem}
.note{color:#4a4f57;font-size:.9rem}
a{color:#0b4fb3}
button{font:inherit;padding:.5rem 1.2rem;border:0;border-radius:.4rem;background:#0b4fb3;color:#fff;cursor:pointer}
@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#15171a}main{background:#1f2226;border-color:#3a3f46}dt,.note{color:#b4bac3}a{color:#8fb8ff}}`;

/**
 * No scripts, no frames, this style alone. Forms may lead on: Chromium applies `form-action` to the
 * redirects that follow, and a logout goes on to the identity provider.
 */
export const OWN_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  // For the empty icon below.
  'img-src data:',
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export const OWN_PAGE_FIELDS: HeaderList = [
  'content-type',
  'text/html; charset=utf-8',
  'content-security-policy',
  OWN_PAGE_POLICY,
];

/** Without it a browser asks for /favicon.ico: a request to the service, which counts and may begin a login. */
const NO_ICON = '<link rel="icon" href="data:,">';

/** A whole page of ours. `content` is HTML; whatever came from outside must be escaped in it. */
export function ownPage(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
${NO_ICON}
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${content}</main>
</body>
</html>
`;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES.get(character)!);
}
