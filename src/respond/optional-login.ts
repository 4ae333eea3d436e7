import { fieldsThatAre } from '../core/fields/fields.ts';
import { fieldValues, filterFields } from '../core/header-list.ts';
import type { AuthenticatedIdentity } from '../core/identity.ts';
import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';

/** Where credentials are; which of them a request has decides what the application is told. */
const VARY: HeaderList = ['vary', 'Authorization, Cookie'];
const SHARED = fieldsThatAre('shared');
/** Parts of a list, with commas inside quotes kept together (RFC 9110 5.6.1). */
const DIRECTIVE = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
const FOR_ALL = new Set(['public', 's-maxage', 'private']);

/**
 * Response fields of a rule whose login is optional: one address has several answers (RFC 9110 12.5.5), and that
 * for somebody is nobody else's (RFC 9111 5.2.2.7), whatever the application says of it.
 */
export function optionalLoginFields(
  headers: HeaderList,
  identity: AuthenticatedIdentity | undefined,
): HeaderList {
  if (identity === undefined) return [...headers, ...VARY];
  const kept = filterFields(headers, (name) => name !== 'cache-control' && !SHARED.has(name));
  return [
    ...kept,
    'cache-control',
    privateDirectives(headers),
    ...VARY,
  ] satisfies MutableHeaderList;
}

function privateDirectives(headers: HeaderList): string {
  const said = fieldValues(headers, 'cache-control').join(',').match(DIRECTIVE) ?? [];
  const directives = said.map((each) => each.trim()).filter((each) => each !== '');
  const own = directives.filter((each) => !FOR_ALL.has(nameOf(each)));
  // `private="field"` says it of that field alone.
  return ['private', ...own].join(', ');
}

function nameOf(directive: string): string {
  return directive.split('=', 1)[0]!.trim().toLowerCase();
}
