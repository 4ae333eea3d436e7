import { foldFieldName } from '../core/field-name.ts';
import { listMembers } from '../core/header-list.ts';
import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';
import { OVERRIDING_FIELDS } from '../core/overriding-fields.ts';
import { withoutOwnCookies } from '../core/own-cookies.ts';

export interface ClientFieldRules {
  /** Names that only we write, folded: `RouteTable.guardedNames`. */
  readonly guarded: ReadonlySet<string>;
  /** Names of `OVERRIDING_FIELDS`, in lower case, that the route keeps. */
  readonly forwarded: ReadonlySet<string>;
  readonly isAuthorizationKept: boolean;
}

/** Fields for one hop (RFC 9110 7.6.1), fields we write ourselves, and expectations answered by us. */
const REMOVED: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'http2-settings',
  'content-length',
  'host',
  'via',
  'forwarded',
  'x-real-ip',
  // RFC 9440 2.4: also where no client certificate is asked for (I2).
  'client-cert',
  'client-cert-chain',
]);

const REMOVED_PREFIXES = ['x-forwarded-', 'fairlead-'] as const;

const OVERRIDING: ReadonlySet<string> = new Set(
  OVERRIDING_FIELDS.map((name) => name.toLowerCase()),
);

/** What of a request's fields the application gets from the client. */
export function clientFields(headers: HeaderList, rules: ClientFieldRules): MutableHeaderList {
  const nominated = new Set(listMembers(headers, 'connection'));
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
  if (isNeverForwarded(folded) || rules.guarded.has(folded)) return true;
  // What is kept has the name that the policy gives, and no look-alike of it.
  if (OVERRIDING.has(folded)) return !rules.forwarded.has(name);
  return folded === 'authorization' && !rules.isAuthorizationKept;
}

/** A field, by its lower-case name, that no client's word may reach an application in, trailers included. */
export function isKeptFromApplication(name: string, guarded: ReadonlySet<string>): boolean {
  const folded = foldFieldName(name);
  return isNeverForwarded(folded) || guarded.has(folded) || OVERRIDING.has(folded);
}

function isNeverForwarded(folded: string): boolean {
  return REMOVED.has(folded) || REMOVED_PREFIXES.some((prefix) => folded.startsWith(prefix));
}
