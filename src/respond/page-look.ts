import { hash } from 'node:crypto';
import { pathTo } from '../core/own-path.ts';
import type { PageLook } from '../html/page.ts';
import { STYLE } from '../html/style.ts';
import type { PagesPolicy } from '../policy/snapshot/snapshot.ts';

/** A file of ours below `/.fairlead/assets`: its name changes with what is in it, so it may be kept for ever. */
export interface PageAsset {
  readonly contentType: string;
  readonly octets: Uint8Array;
}

const OWNER = 'assets';
const STYLE_DIGEST = hash('sha256', STYLE, 'hex').slice(0, 16);

/** What the policy says of our pages, as the page template takes it. */
export function lookOf(pages: PagesPolicy | undefined): PageLook | undefined {
  if (pages === undefined) return undefined;
  const { brand, css, support } = pages;
  return { brand, logoHref: logoHref(pages), css, support };
}

export function logoHref({ logo }: PagesPolicy): string | undefined {
  return logo && pathTo(OWNER, logo.name);
}

/** Our stylesheet with the colours of the brand, for templates of the operator. */
export function styleHref({ css = '' }: PagesPolicy): string {
  return pathTo(OWNER, styleName(css));
}

/** Undefined: no file of this name is in use. */
export function pageAsset(pages: PagesPolicy | undefined, name: string): PageAsset | undefined {
  if (pages === undefined) return undefined;
  const { logo, css = '' } = pages;
  if (name === logo?.name) return logo;
  if (name !== styleName(css)) return undefined;
  return { contentType: 'text/css; charset=utf-8', octets: Buffer.from(`${STYLE}\n${css}`) };
}

function styleName(css: string): string {
  const digest = css === '' ? '' : `-${hash('sha256', css, 'hex').slice(0, 8)}`;
  return `style-${STYLE_DIGEST}${digest}.css`;
}
