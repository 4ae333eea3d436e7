import { fieldsThatAre } from '../../core/fields/fields.ts';
import { withoutField } from '../../core/header-list.ts';
import type { HeaderList, MutableHeaderList } from '../../core/header-list.ts';
import type { ClientConnection } from '../../core/message.ts';
import { isRefusal, refuse, type Refusal, type RefusalCode } from '../../core/refusal.ts';
import { parseAuthority } from '../http/authority.ts';
import { scanFields, type FieldBounds, type FieldScan } from '../http/field-scan.ts';
import { checkServerName } from '../http/server-name.ts';
import { MAX_TARGET_LENGTH, isRefusedMethod, parseTarget } from '../http/target.ts';
import { namedReason, type ReasonCode } from '../../telemetry/names/names.ts';

/** A field section as HPACK gave it, pseudo-fields and all. */
export interface RawSection {
  readonly connection: ClientConnection;
  readonly fields: HeaderList;
  /** No DATA follows. */
  readonly isEndOfStream: boolean;
  /** Octets of names and values together at most. */
  readonly maxBytes: number;
}

export interface CheckedSection {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly authority: string;
  /** Without pseudo-fields and Host; cookie crumbs joined (F4). */
  readonly headers: HeaderList;
  readonly length: number | undefined;
  /** Extended CONNECT (RFC 8441 4); `method` is then GET, as for the same request over HTTP/1.1. */
  readonly upgrade: 'websocket' | undefined;
  readonly expectsContinue: boolean;
}

interface Pseudo {
  method: string | undefined;
  scheme: string | undefined;
  authority: string | undefined;
  path: string | undefined;
  protocol: string | undefined;
}

const PSEUDO_NAMES: ReadonlyMap<string, keyof Pseudo> = new Map<string, keyof Pseudo>([
  [':method', 'method'],
  [':scheme', 'scheme'],
  [':authority', 'authority'],
  [':path', 'path'],
  [':protocol', 'protocol'],
]);
/** RFC 9113 8.2.2. */
const CONNECTION_FIELDS = fieldsThatAre('connection');
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
/** RFC 9113 8.2.1 and E22: no control but a tab inside, no space at either end. The tab is meant. */
const VALUE = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

/** The checks of RFC 9113 8 after HPACK and before any routing, and those of HTTP/1 on host and target. */
export function checkHttp2Head(section: RawSection, bounds: FieldBounds): CheckedSection | Refusal {
  const split = splitSection(section);
  if (isRefusal(split)) return split;
  const { pseudo, headers } = split;
  const method = methodOf(pseudo);
  if (isRefusal(method)) return method;
  const isComplete = pseudo.method && pseudo.path && isScheme(pseudo.scheme, section.connection);
  if (!isComplete) return malformed('http2.pseudo_fields');
  const scan = scanFields(headers, bounds);
  if (isRefusal(scan)) return scan;
  const target = targetOf(method, pseudo.path!);
  if (isRefusal(target)) return target;
  const named = namedHost(section.connection, pseudo.authority, scan);
  if (isRefusal(named)) return named;
  const upgrade = pseudo.protocol === undefined ? undefined : 'websocket';
  return finish(section, scan, { method, target, ...named, headers, upgrade });
}

/** RFC 9113 8.3.1: of the client or of this hop, when a balancer stands between; its X-Forwarded-Proto decides. */
function isScheme(scheme: string | undefined, { tls }: ClientConnection): boolean {
  return scheme === 'https' || (scheme === 'http' && tls === undefined);
}

/** F7, F15: CONNECT is taken only as a WebSocket's, and :protocol only with CONNECT. */
function methodOf(pseudo: Pseudo): string | Refusal {
  const { method = '', protocol } = pseudo;
  if (protocol === undefined)
    return isRefusedMethod(method) ? refuse('method_not_allowed') : method;
  if (method !== 'CONNECT') return malformed('http2.protocol_without_connect');
  return protocol === 'websocket' ? 'GET' : refuse('method_not_allowed');
}

/** Trailers may carry no pseudo-field and nothing of the connection (F5). Undefined: malformed. */
export function checkTrailers(fields: HeaderList): HeaderList | undefined {
  for (let i = 0; i < fields.length; i += 2) {
    if (!isPlainField(fields[i]!, fields[i + 1]!)) return undefined;
  }
  return fields;
}

function splitSection(
  section: RawSection,
): { readonly pseudo: Pseudo; readonly headers: HeaderList } | Refusal {
  const pseudo: Pseudo = {
    method: undefined,
    scheme: undefined,
    authority: undefined,
    path: undefined,
    protocol: undefined,
  };
  const headers: MutableHeaderList = [];
  const crumbs: string[] = [];
  const { fields } = section;
  let octets = 0;
  for (let i = 0; i < fields.length; i += 2) {
    const [name, value] = [fields[i]!, fields[i + 1]!];
    octets += name.length + value.length;
    if (octets > section.maxBytes) return refuse('headers_too_large');
    if (name.startsWith(':')) {
      const key = PSEUDO_NAMES.get(name);
      // F5: known, once, before all others.
      const isLate = headers.length > 0 || crumbs.length > 0;
      if (!key || pseudo[key] !== undefined || isLate) return malformed('http2.pseudo_order');
      pseudo[key] = value;
    } else {
      if (!isPlainField(name, value)) return malformed('http2.field');
      if (name === 'cookie') crumbs.push(value);
      else headers.push(name, value);
    }
  }
  // Crumbs of cookies are the one field that HTTP/1 knows (RFC 9113 8.2.3), here and for every count.
  if (crumbs.length > 0) headers.push('cookie', crumbs.join('; '));
  return { pseudo, headers };
}

function isPlainField(name: string, value: string): boolean {
  if (!NAME.test(name) || !VALUE.test(value) || CONNECTION_FIELDS.has(name)) return false;
  return name !== 'te' || value === 'trailers';
}

function targetOf(method: string, path: string): string | Refusal {
  if (path.length > MAX_TARGET_LENGTH) return refuse('target_too_long');
  // RFC 9113 8.3.1: origin-form or `*`, never absolute.
  if (!path.startsWith('/') && path !== '*') return malformed('http2.path');
  const target = parseTarget(method, path);
  return isRefusal(target) ? target : target.target;
}

/** F6: :authority, or Host without it; both must be the same text but for case. */
function namedHost(
  connection: ClientConnection,
  authority: string | undefined,
  scan: FieldScan,
): { readonly host: string; readonly authority: string } | Refusal {
  if (scan.hostCount > 1) return deny('invalid_host', 'http2.host_count');
  const text = authority ?? scan.host;
  const parsed = text === undefined ? undefined : parseAuthority(text);
  if (text === undefined || parsed === undefined) return deny('invalid_host', 'http2.authority');
  if (scan.host !== undefined && scan.host.toLowerCase() !== text.toLowerCase()) {
    return deny('invalid_host', 'http2.host_differs');
  }
  return checkServerName(connection, parsed.host) ?? { host: parsed.host, authority: text };
}

type Named = Pick<
  CheckedSection,
  'method' | 'target' | 'host' | 'authority' | 'headers' | 'upgrade'
>;

function finish(section: RawSection, scan: FieldScan, named: Named): CheckedSection | Refusal {
  const length = bodyLength(section, scan);
  if (isRefusal(length)) return length;
  // A tunnel has no length, and one that ends with its head is none.
  if (named.upgrade && length !== undefined) return refuse('upgrade_not_allowed');
  const isContinue = scan.expectCount === 1 && scan.expect!.toLowerCase() === '100-continue';
  if (scan.expectCount > 0 && !isContinue) return refuse('expectation_failed');
  // Host has become the authority.
  const headers = withoutField(named.headers, 'host');
  return { ...named, headers, length, expectsContinue: isContinue };
}

function bodyLength(section: RawSection, scan: FieldScan): number | undefined | Refusal {
  if (scan.lengthCount > 1) return deny('ambiguous_framing', 'http2.two_lengths');
  if (scan.lengthCount === 0) return section.isEndOfStream ? 0 : undefined;
  if (!/^\d{1,15}$/.test(scan.length!)) return deny('ambiguous_framing', 'http2.invalid_length');
  const length = Number(scan.length);
  // F8: the announced octets cannot come any more.
  if (section.isEndOfStream && length > 0) return deny('ambiguous_framing', 'http2.no_data');
  return length;
}

function malformed(reason: ReasonCode): Refusal {
  return deny('malformed_request', reason);
}

function deny(code: RefusalCode, reason: ReasonCode): Refusal {
  return refuse(code, { reason: namedReason(reason) });
}
