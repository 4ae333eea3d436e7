import type { PageTemplate } from '../../core/page-template.ts';

/** How pages of the gateway look. */
export interface PagesPolicy {
  readonly brand: string | undefined;
  readonly logo: PageLogo | undefined;
  /** Rules beside our stylesheet: the accent. */
  readonly css: string | undefined;
  /** An https: or mailto: address. */
  readonly support: string | undefined;
  /** By code; `default` for every other. Undefined: ours. */
  readonly templates: ReadonlyMap<string, PageTemplate> | undefined;
}

export interface PageLogo {
  /** Of the file below `/.fairlead/assets`, with a digest of what is in it. */
  readonly name: string;
  readonly contentType: string;
  readonly octets: Uint8Array;
}
