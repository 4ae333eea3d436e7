import { GatewayError } from '../core/errors.ts';
import type { FaultCode } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';
import type { Refusal } from '../core/refusal.ts';

/** The sentence that the client gets for a fault: its kind, never the detail. */
const SENTENCES: Record<FaultCode, string> = {
  internal: 'The gateway could not complete the request.',
  client_gone: 'The client closed the connection.',
  client_body_malformed: 'The request body is incomplete or malformed.',
  client_body_too_large: 'The request body is larger than allowed.',
  client_body_timeout: 'The request body did not arrive in time.',
  network_unavailable: 'The service network cannot be reached right now.',
  service_unavailable: 'The service is not available right now.',
  routing_key_forbidden: 'The gateway is not allowed to reach the service.',
  upstream_connect_failed: 'The service refused the connection.',
  upstream_tls_failed: 'The service could not be reached securely.',
  upstream_connect_timeout: 'The service did not accept the connection in time.',
  upstream_reset: 'The service ended the connection before it answered.',
  upstream_response_timeout: 'The service did not answer in time.',
  upstream_idle_timeout: 'The service stopped sending data.',
  upstream_protocol_error: 'The service sent a response that is not valid HTTP.',
  exchange_timeout: 'The request took too long.',
  upstream_busy: 'The service is busy right now.',
  identity_ended: 'The login that allowed the request has ended.',
  draining: 'The gateway is shutting down.',
};

/** Faults that pass without a change at the client, so that a retry makes sense. */
const PASSING: ReadonlySet<FaultCode> = new Set([
  'network_unavailable',
  'service_unavailable',
  'upstream_busy',
  'draining',
]);
const RETRY_AFTER_SECONDS = '1';

/** Faults after which the framing of the client's connection is unknown. */
const CLOSING: ReadonlySet<FaultCode> = new Set(['client_body_malformed', 'client_body_timeout']);

/** Anything thrown, as a fault of ours: what is not a `GatewayError` is a bug, code `internal`. */
export function asFault(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new GatewayError('internal', { detail, cause: thrown });
}

/** The refusal that a fault becomes; `respond` makes a response of it. */
export function faultRefusal(fault: GatewayError): Refusal {
  return {
    kind: 'refusal',
    code: fault.code,
    status: fault.status,
    sentence: SENTENCES[fault.code],
    headers: headersOf(fault.code),
    closeConnection: CLOSING.has(fault.code),
  };
}

function headersOf(code: FaultCode): HeaderList {
  if (PASSING.has(code)) return ['retry-after', RETRY_AFTER_SECONDS];
  // RFC 9110 15.5.2: a 401 has a challenge.
  return code === 'identity_ended' ? ['www-authenticate', 'Fairlead error="identity_ended"'] : [];
}
