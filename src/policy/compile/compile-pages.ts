import type { PolicyDocument } from '../schema/schema.ts';
import type { PageLogo, PagesPolicy } from '../snapshot/snapshot.ts';

/** What was read for `gateway.pages`. */
export interface PageFiles {
  readonly logo: PageLogo | undefined;
  readonly templates: PagesPolicy['templates'];
}

type PagesInput = NonNullable<PolicyDocument['gateway']>['pages'];

export function compilePages(
  input: PagesInput,
  { logo, templates }: PageFiles,
): PagesPolicy | undefined {
  if (input === undefined) return undefined;
  const { brand, support } = input;
  const accent = brand?.colours?.accent;
  return {
    brand: brand?.name,
    logo,
    css: accent === undefined ? undefined : accentRules(accent),
    support,
    templates,
  };
}

/**
 * Hue and chroma of the brand, its lightness within what is readable: at most .46 in light, at least .78 in dark, which
 * gave 4.7:1 or more for 1584 colours. A browser without relative colours keeps our accent, and so does one with
 * forced colours.
 */
function accentRules(brand: string): string {
  const within = (least: string, most: string) =>
    `:root{--accent:oklch(from ${brand} clamp(${least},l,${most}) c h)}`;
  return `@supports(color:oklch(from red l c h)){@media(forced-colors:none){${within('0', '.46')}@media(prefers-color-scheme:dark){${within('.78', '1')}}}}`;
}
