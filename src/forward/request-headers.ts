import { fieldValues } from '../core/header-list.ts';
import type { HeaderList, MutableHeaderList } from '../core/header-list.ts';
import type { AuthenticatedIdentity } from '../core/identity.ts';
import type { RequestFacts } from '../core/message.ts';
import { schemeOf } from '../core/origin.ts';
import type { RouteTable, Rule, ServicePolicy } from '../policy/snapshot/snapshot.ts';
import { clientFields } from './client-fields.ts';

export interface RequestHeadersInput {
  readonly request: RequestFacts;
  readonly rule: Rule;
  readonly service: ServicePolicy;
  readonly table: RouteTable;
  readonly identity: AuthenticatedIdentity | undefined;
  /** What `evaluate` made of `headers.identity` and `headers.request`. */
  readonly requestFields: HeaderList;
  /** The port clients see. */
  readonly publicPort: number;
}

/**
 * The fields the application gets: the client's, without those of this hop, those that only we may
 * write and those that the client nominated, or the policy named, for removal; then ours (R-8, R-9, R-10, E12, E14).
 */
export function requestHeaders(input: RequestHeadersInput): MutableHeaderList {
  const removed = input.rule.requestFields?.removed;
  const authorization = input.identity?.authorization;
  const headers = clientFields(input.request.headers, {
    guarded: input.table.guardedNames,
    forwarded: input.rule.forwardedNames,
    removed,
    isAuthorizationKept: authorization === undefined && isAuthorizationTheirs(input),
  });
  if (authorization !== undefined && removed?.has('authorization') !== true) {
    headers.push('authorization', authorization);
  }
  addOwnFields(headers, input);
  for (const text of input.requestFields) headers.push(text);
  return headers;
}

/** An application that gets tokens from us must not take a client's for one (R-8, A13, B6). */
function isAuthorizationTheirs({ rule, identity }: RequestHeadersInput): boolean {
  const { authorizationOf } = rule;
  if (authorizationOf === undefined) return true;
  if (identity === undefined) return false;
  const accepted = [identity.provider, ...Object.keys(identity.with ?? {})];
  return accepted.some((name) => authorizationOf.includes(name));
}

function addOwnFields(headers: MutableHeaderList, input: RequestHeadersInput): void {
  const { request, rule, service, publicPort } = input;
  const { clientAddress, authority } = request;
  const scheme = schemeOf(request);
  headers.push('host', hostField(service, authority));
  headers.push('forwarded', forwardedField(clientAddress, authority, scheme));
  headers.push('x-forwarded-for', clientAddress, 'x-forwarded-proto', scheme);
  headers.push('x-forwarded-host', authority, 'x-forwarded-port', String(publicPort));
  const prefix = strippedPrefix(rule);
  if (prefix !== undefined) headers.push('x-forwarded-prefix', prefix);
  headers.push('via', viaField(request.headers, request.version));
  // Framing is explicit whatever the method: a body is never written bare.
  if (request.body.length !== undefined && request.body.length > 0) {
    headers.push('content-length', String(request.body.length));
  }
}

/** What applications that make links need to know: the prefix that they do not see. */
function strippedPrefix({ rewrite }: Rule): string | undefined {
  return rewrite?.kind === 'prefix' ? rewrite.strip : undefined;
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
  const earlier = fieldValues(headers, 'via');
  return earlier.length === 0 ? own : `${earlier.join(', ')}, ${own}`;
}
