import { claimText, readClaim } from '../core/claims.ts';
import { isFieldName, listMembers } from '../core/header-list.ts';
import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';
import type { IdentityLike } from '../core/identity.ts';
import type { InboundRequest } from '../core/message.ts';
import { withoutOwnCookies } from '../core/own-cookies.ts';
import { refuse } from '../core/refusal.ts';
import type { Refusal } from '../core/refusal.ts';
import type { RouteTable, Rule, ServicePolicy } from '../policy/snapshot.ts';
import { encodeIdentityValue } from './identity-value.ts';

export interface RequestHeadersInput {
  readonly request: InboundRequest;
  readonly rule: Rule;
  readonly service: ServicePolicy;
  readonly table: RouteTable;
  readonly identity: IdentityLike | undefined;
  readonly tenantId: string | undefined;
  /** The port clients see. */
  readonly publicPort: number;
}

/**
 * The fields the application gets: the client's, without those of this hop, those that only we may
 * write and those that the client nominated for removal; then ours (R-8, R-9, R-10, E12, E14).
 * Refuses with `forbidden` when an identity value cannot be written into a field.
 */
export function requestHeaders(input: RequestHeadersInput): MutableHeaderList | Refusal {
  const authorization = input.identity?.authorization;
  const headers = clientFields(input.request, input.table.guardedNames, {
    isAuthorizationKept: authorization === undefined && isAuthorizationTheirs(input),
  });
  if (authorization !== undefined) headers.push('authorization', authorization);
  const identityFields = identityHeaders(input);
  if (!Array.isArray(identityFields)) return identityFields;
  headers.push(...ownFields(input), ...identityFields);
  return headers;
}

/** Fields for one hop (RFC 9110 7.6.1), fields we write ourselves, and expectations answered by us. */
const REMOVED = new Set([
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

function clientFields(
  request: InboundRequest,
  guarded: ReadonlySet<string>,
  { isAuthorizationKept }: { readonly isAuthorizationKept: boolean },
): MutableHeaderList {
  const nominated = new Set(listMembers(request.headers, 'connection'));
  const kept: MutableHeaderList = [];
  for (let i = 0; i < request.headers.length; i += 2) {
    const name = request.headers[i]!.toLowerCase();
    if (isKeptFromApplication(name, guarded) || nominated.has(name)) continue;
    if (name === 'authorization' && !isAuthorizationKept) continue;
    const value = forApplication(name, request.headers[i + 1]!);
    if (value !== undefined) kept.push(request.headers[i]!, value);
  }
  return kept;
}

/** An application that gets tokens from us must not take a client's for one (R-8, A13, B6). */
function isAuthorizationTheirs({ rule, identity }: RequestHeadersInput): boolean {
  const { authorizationOf } = rule;
  if (authorizationOf === undefined) return true;
  if (identity === undefined) return false;
  const accepted = [identity.provider, ...Object.keys(identity.with ?? {})];
  return accepted.some((name) => name !== undefined && authorizationOf.includes(name));
}

/** Sessions and logins of ours stay ours (L8, B6). */
function forApplication(name: string, value: string): string | undefined {
  return name === 'cookie' ? withoutOwnCookies(value) : value;
}

/** A field, by its lower-case name, that no client's word may reach the application in. */
export function isKeptFromApplication(name: string, guarded: ReadonlySet<string>): boolean {
  return isRemoved(name) || guarded.has(foldName(name));
}

function isRemoved(name: string): boolean {
  const folded = foldName(name);
  return REMOVED.has(folded) || REMOVED_PREFIXES.some((prefix) => folded.startsWith(prefix));
}

/** Many applications read `X_User` and `X-User` as one name. */
function foldName(lowerName: string): string {
  return lowerName.includes('_') ? lowerName.replaceAll('_', '-') : lowerName;
}

function ownFields(input: RequestHeadersInput): MutableHeaderList {
  const { request, service, publicPort } = input;
  const { remoteAddress, tls } = request.connection;
  const scheme = tls === undefined ? 'http' : 'https';
  const own: MutableHeaderList = [
    ['host', hostField(service, request.authority)],
    ['forwarded', forwardedField(remoteAddress, request.authority, scheme)],
    ['x-forwarded-for', remoteAddress],
    ['x-forwarded-proto', scheme],
    ['x-forwarded-host', request.authority],
    ['x-forwarded-port', String(publicPort)],
    ['via', viaField(request.headers, request.version)],
  ].flat();
  // Framing is explicit whatever the method: a body is never written bare.
  if (request.body.length !== undefined && request.body.length > 0) {
    own.push('content-length', String(request.body.length));
  }
  return own;
}

function hostField(service: ServicePolicy, authority: string): string {
  if (service.hostHeader === 'client') return authority;
  return service.hostHeader === 'service' ? service.address : service.hostHeader;
}

/** RFC 7239 4: an IPv6 address is bracketed, and whatever is no token is quoted. */
function forwardedField(address: string, authority: string, scheme: string): string {
  const node = address.includes(':') ? `"[${address}]"` : address;
  const host = /^[\w.-]+$/.test(authority) ? authority : `"${authority}"`;
  return `for=${node};host=${host};proto=${scheme}`;
}

/** RFC 9110 7.6.3: each intermediary adds the version it received, after those before it. */
function viaField(headers: HeaderList, version: string): string {
  const own = `${version === '2' ? '2.0' : version} fairlead`;
  const earlier: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (isFieldName(headers[i]!, 'via')) earlier.push(headers[i + 1]!);
  }
  return [...earlier, own].join(', ');
}

function identityHeaders(input: RequestHeadersInput): MutableHeaderList | Refusal {
  const fields: MutableHeaderList = [];
  const { identity } = input;
  if (identity === undefined) return fields;
  for (const { name, value } of input.rule.identityHeaders) {
    const text = claimText(readClaim(value, identity, input.tenantId));
    if (text === undefined) continue;
    const encoded = encodeIdentityValue(name, text);
    if (encoded === undefined) return unwritable(name);
    fields.push(encoded.name, encoded.value);
  }
  return fields;
}

function unwritable(name: string): Refusal {
  return refuse('forbidden', {
    reason: {
      code: 'identity.control_character',
      detail: `the value for the identity field ${name} holds a control character`,
    },
  });
}
