import type { HeaderList } from '../core/header-list.ts';
import { pagePolicy } from '../html/page.ts';
import type { PageLook } from '../html/page.ts';

/** Fields of a page of the gateway's own. Its forms may lead on: a logout goes on to the identity provider. */
export function ownPageFields(look: PageLook | undefined): HeaderList {
  return [
    'content-type',
    'text/html; charset=utf-8',
    'content-security-policy',
    pagePolicy({ formAction: undefined, frameAncestors: "'none'", look }),
  ];
}
