import { pathTo } from './own-path.ts';
import type { HeaderList } from './header-list.ts';

/**
 * Refusals: the client, the caller or the policy said no. They are returned, never thrown.
 * Each has a status and one plain sentence; the client sees code, sentence and id, never the reason.
 */
export const REFUSALS = {
  https_required: [308, 'Use https.'],
  malformed_request: [400, 'The request is not well-formed HTTP.'],
  ambiguous_framing: [400, 'The length of the request body is ambiguous.'],
  invalid_path: [400, 'The path of the request is not allowed.'],
  invalid_host: [400, 'The request does not name exactly one valid host.'],
  method_not_allowed: [405, 'The method is not allowed.'],
  body_too_large: [413, 'The request body is larger than allowed.'],
  target_too_long: [414, 'The request target is longer than allowed.'],
  expectation_failed: [417, 'The expectation is not supported.'],
  misdirected_request: [421, 'This connection does not serve the requested host.'],
  upgrade_not_allowed: [400, 'An upgrade with a body is not allowed.'],
  headers_too_large: [431, 'The header fields are larger than allowed.'],
  sessions_too_large: [
    431,
    `This browser has too many sessions. Sign out of one at ${pathTo('session')} first.`,
  ],
  coding_not_supported: [501, 'The transfer coding is not supported.'],
  version_not_supported: [505, 'The HTTP version is not supported.'],
  request_timeout: [408, 'The request did not arrive in time.'],
  no_route: [404, 'Nothing was found at this address.'],
  authentication_required: [401, 'Sign in to continue.'],
  step_up_required: [401, 'Sign in again: a stronger or more recent login is needed.'],
  credential_rejected: [401, 'The credential was not accepted.'],
  address_not_allowed: [403, 'This address does not have access.'],
  websocket_not_allowed: [403, 'WebSocket is not allowed here.'],
  cross_site: [403, 'The request came from another site.'],
  forbidden: [403, 'This identity does not have access.'],
  identity_header: [403, 'This identity cannot be passed to the application.'],
  provider_failed: [503, 'The credential cannot be checked right now.'],
  tenant_unknown: [403, 'This identity does not belong to a known tenant.'],
  rate_limited: [429, 'Too many requests.'],
  quota_exceeded: [429, 'The quota of this period is used up.'],
  concurrency_limited: [429, 'Too many requests at the same time.'],
  too_many_connections: [429, 'Too many connections are open.'],
  overloaded: [503, 'The gateway is busy. Try again shortly.'],
  limit_unavailable: [503, 'The limits of this request cannot be checked right now.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;

export type RefusalCode = keyof typeof REFUSALS;

/** Why it was refused, for operators: a stable dotted code, and a detail that never holds a credential. */
export interface RefusalReason {
  readonly code: string;
  readonly detail?: string;
}

interface LoginLink {
  readonly provider: string;
  readonly href: string;
  /** The login was tried just now and could not begin. */
  readonly isUnavailable?: boolean;
}

/** What one provider said of a request, in the order asked. For operators. */
export interface ProviderAnswer {
  readonly provider: string;
  readonly said: 'pass' | 'identity' | 'challenge' | 'deny' | 'error';
  readonly reason?: RefusalReason;
}

/** One limit of a request, and what it had left. For operators. */
export interface LimitLeft {
  /** As the policy names it: `tiers.free.rate`. */
  readonly name: string;
  /** `4/s`, or the number of requests at the same time. */
  readonly amount: string;
  /** Whole requests. */
  readonly left: number;
  /** Milliseconds until the next one; 0 where some are left or nothing tells. */
  readonly waitMs: number;
}

export interface Refusal {
  readonly kind: 'refusal';
  /** A code of `REFUSALS`, or of `FAULTS` when a fault became this refusal. */
  readonly code: string;
  readonly status: number;
  /** One plain sentence for the client. */
  readonly sentence: string;
  readonly reason?: RefusalReason;
  /** Who refused or wants a login, where a provider of the policy did. */
  readonly provider?: string;
  /** Fields the response must carry: `WWW-Authenticate`, `Retry-After`, `RateLimit` … */
  readonly headers?: HeaderList;
  /** Logins that a person may choose from, each with a path on this host. */
  readonly logins?: readonly LoginLink[];
  /** Members added to the problem+json body (RFC 9457 3.2), such as `limit`. */
  readonly members?: Readonly<Record<string, string | number>>;
  /** What the providers that were asked said. For the decision record, never for the client. */
  readonly answers?: readonly ProviderAnswer[];
  /** The limits that were asked, up to the one that is used up. For the decision record. */
  readonly limits?: readonly LimitLeft[];
  /** The connection cannot be used again: framing is lost or was ambiguous (RFC 9112 6.3). */
  readonly closeConnection?: boolean;
}

export type RefusalDetails = Omit<Partial<Refusal>, 'kind' | 'code' | 'sentence'>;

export function refuse(code: RefusalCode, details: RefusalDetails = {}): Refusal {
  const [status, sentence] = REFUSALS[code];
  return { kind: 'refusal', code, status, sentence, ...details };
}

export function isRefusal(value: unknown): value is Refusal {
  return (
    typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'refusal'
  );
}
