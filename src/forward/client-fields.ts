import { fieldsThatAre } from '../core/fields/fields.ts';
import { foldFieldName } from '../core/fields/fold-field-name.ts';
import { listMembers } from '../core/header-list.ts';
import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';
import { withoutOwnCookies } from '../core/own-cookies.ts';

export interface ClientFieldRules {
  /** Names that only we write, folded: `RouteTable.guardedNames`. */
  readonly guarded: ReadonlySet<string>;
  /** Names of fields that override, in lower case, that the route keeps (`forwardHeaders`). */
  readonly forwarded: ReadonlySet<string>;
  /** What the rule sets or removes, folded; undefined: nothing. */
  readonly removed: ReadonlySet<string> | undefined;
  readonly isAuthorizationKept: boolean;
}

/** Fields for one hop (RFC 9110 7.6.1), fields we write ourselves, and expectations answered by us. */
const REMOVED = fieldsThatAre('hop', 'framing', 'vouched');
const OVERRIDING = fieldsThatAre('override');
const NONE: ReadonlySet<string> = new Set();

/** What of a request's fields the application gets from the client. */
export function clientFields(headers: HeaderList, rules: ClientFieldRules): MutableHeaderList {
  const listed = listMembers(headers, 'connection');
  const nominated = listed.length === 0 ? NONE : new Set(listed);
  const kept: MutableHeaderList = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase();
    if (nominated.has(name) || isRemoved(name, rules)) continue;
    // Sessions and logins of ours stay ours (L8, B6).
    const value = name === 'cookie' ? withoutOwnCookies(headers[i + 1]!) : headers[i + 1]!;
    if (value !== undefined) kept.push(headers[i]!, value);
  }
  return kept;
}

function isRemoved(name: string, rules: ClientFieldRules): boolean {
  const folded = foldFieldName(name);
  if (REMOVED.has(folded) || rules.guarded.has(folded)) return true;
  if (rules.removed?.has(folded) === true) return true;
  // What is kept has the name that the policy gives, and no look-alike of it.
  if (OVERRIDING.has(folded)) return !rules.forwarded.has(name);
  return folded === 'authorization' && !rules.isAuthorizationKept;
}

/** A field, by its lower-case name, that no client's word may reach an application in, trailers included. */
export function isKeptFromApplication(name: string, guarded: ReadonlySet<string>): boolean {
  const folded = foldFieldName(name);
  return REMOVED.has(folded) || guarded.has(folded) || OVERRIDING.has(folded);
}
