import type { HeaderList } from '../../core/header-list.ts';
import type { ClientConnection } from '../../core/message.ts';
import { DEFAULT_PORTS, schemeOf } from '../../core/origin.ts';
import { isRefusal, refuse, type Refusal, type RefusalCode } from '../../core/refusal.ts';
import { parseAuthority } from '../http/authority.ts';
import { scanFields, type FieldBounds, type FieldScan } from '../http/field-scan.ts';
import { checkServerName } from '../http/server-name.ts';
import { isRefusedMethod, parseTarget, type Target } from '../http/target.ts';
import { namedReason, type ReasonCode } from '../../telemetry/names/names.ts';

/** A head as the parser read it: nothing in it is trusted yet. */
export interface RawHead {
  readonly connection: ClientConnection;
  readonly version: string;
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
}

export interface CheckedHead {
  readonly version: '1.0' | '1.1';
  readonly target: string;
  readonly host: string;
  readonly authority: string;
  /** Octets of the body; 0 without one; undefined when chunked. */
  readonly length: number | undefined;
  /** The client waits for 100 before it sends the body. */
  readonly expectsContinue: boolean;
}

/**
 * Everything an edge must refuse that node's parser lets pass (security-requirements.md, fact 4), before any routing.
 * Each refusal closes the connection: after doubt about one message the next cannot be trusted.
 */
export function checkHttp1Head(head: RawHead, bounds: FieldBounds): CheckedHead | Refusal {
  if (head.version !== '1.0' && head.version !== '1.1') return deny('version_not_supported');
  if (isRefusedMethod(head.method)) return deny('method_not_allowed');
  const target = parseTarget(head.method, head.target);
  if (isRefusal(target)) return target;
  const scan = scanFields(head.headers, bounds);
  if (isRefusal(scan)) return scan;
  const length = bodyLength(head.version, scan);
  if (isRefusal(length)) return length;
  // no WebSocket begins with a body. Other protocols are ignored, and the body is framed as always.
  if (scan.namesWebSocket && length !== 0) return deny('upgrade_not_allowed');
  const expectsContinue = expectation(head.version, scan);
  if (isRefusal(expectsContinue)) return expectsContinue;
  const named = namedHost(head, target, scan);
  if (isRefusal(named)) return named;
  return { version: head.version, target: target.target, length, expectsContinue, ...named };
}

/** RFC 9112 6.1 and 6.3 in the strict reading: one way to tell the length, or none. */
function bodyLength(version: string, scan: FieldScan): number | undefined | Refusal {
  if (scan.codingCount === 0) return contentLength(scan);
  if (version === '1.0') return deny('ambiguous_framing', 'http.coding_in_1_0');
  if (scan.lengthCount > 0) return deny('ambiguous_framing', 'http.length_and_coding');
  if (scan.codingCount > 1) return deny('ambiguous_framing', 'http.two_codings');
  if (scan.coding!.toLowerCase() === 'chunked') return undefined;
  return deny('coding_not_supported');
}

function contentLength(scan: FieldScan): number | Refusal {
  if (scan.lengthCount === 0) return 0;
  if (scan.lengthCount > 1) return deny('ambiguous_framing', 'http.two_lengths');
  if (!/^\d{1,15}$/.test(scan.length!)) return deny('ambiguous_framing', 'http.invalid_length');
  return Number(scan.length);
}

/** RFC 9110 10.1.1: handled here and never forwarded; a client of 1.0 cannot mean it. */
function expectation(version: string, scan: FieldScan): boolean | Refusal {
  if (scan.expectCount === 0) return false;
  if (scan.expectCount > 1 || scan.expect!.toLowerCase() !== '100-continue') {
    return deny('expectation_failed');
  }
  return version === '1.1';
}

/** E1, E2, R-13: exactly one Host, the same as any other name the client gave. */
function namedHost(
  head: RawHead,
  target: Target,
  scan: FieldScan,
): { readonly host: string; readonly authority: string } | Refusal {
  if (scan.hostCount !== 1) return deny('invalid_host', 'http.host_count');
  const authority = parseAuthority(scan.host!);
  if (authority === undefined) return deny('invalid_host', 'http.host_syntax');
  const refusal = checkAbsolute(head, target, authority);
  if (refusal) return refusal;
  return (
    checkServerName(head.connection, authority.host) ?? {
      host: authority.host,
      authority: scan.host!,
    }
  );
}

/** RFC 9112 3.2.2: the authority of the target counts, so a Host that differs is a second opinion. */
function checkAbsolute(
  head: RawHead,
  target: Target,
  host: { readonly host: string; readonly port: number | undefined },
): Refusal | undefined {
  if (target.authority === undefined) return undefined;
  const scheme = schemeOf(head);
  if (target.scheme !== scheme) return deny('misdirected_request', 'http.target_scheme');
  const named = parseAuthority(target.authority);
  const defaultPort = DEFAULT_PORTS[scheme];
  const isSame =
    named?.host === host.host && (named.port ?? defaultPort) === (host.port ?? defaultPort);
  return isSame ? undefined : deny('invalid_host', 'http.target_authority');
}

function deny(code: RefusalCode, reason?: ReasonCode): Refusal {
  return refuse(code, {
    closeConnection: true,
    ...(reason === undefined ? {} : { reason: namedReason(reason) }),
  });
}
