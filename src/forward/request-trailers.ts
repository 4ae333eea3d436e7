import { fieldsThatAre } from '../core/fields/fields.ts';
import { foldFieldName } from '../core/fields/fold-field-name.ts';
import { filterFields } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';
import { isKeptFromApplication } from './client-fields.ts';

/** What a request's trailer must not say (RFC 9110 6.5.1), beyond what its fields must not. */
const FORBIDDEN = fieldsThatAre('credential', 'content', 'control');

/** The client's trailers as an HTTP/2 application may get them: filtered like fields (R-8, E9). */
export function requestTrailers(
  trailers: HeaderList,
  guarded: ReadonlySet<string>,
  /** What the rule sets or removes, folded. */
  removed?: ReadonlySet<string>,
): HeaderList {
  return filterFields(trailers, (name) => {
    const folded = foldFieldName(name);
    if (FORBIDDEN.has(folded) || removed?.has(folded) === true) return false;
    return !isKeptFromApplication(name, guarded);
  });
}
