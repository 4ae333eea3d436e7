import { errors } from 'undici';
import { GatewayError } from '../core/errors.ts';
import { isTlsError } from '../network/tls-fault.ts';

/**
 * What became of a request whose connection failed, in our codes, whichever way in the connection is and
 * whichever client wrote the request: undici's, or node:http's for an upgrade. `retryable` is for a connection that was lost:
 * everything else stays as it is at the next attempt, or knows better.
 */
export function connectionFault(error: Error, retryable: boolean): GatewayError {
  if (error instanceof GatewayError)
    return error.code === 'upstream_reset' ? reset(error, retryable) : error;
  const { message: detail } = error;
  if (isProtocolError(error)) {
    return new GatewayError('upstream_protocol_error', { detail, cause: error });
  }
  // TLS 1.3: the application refuses our certificate only after the handshake looked complete.
  if (isTlsError(error)) return new GatewayError('upstream_tls_failed', { detail, cause: error });
  if (CLOSED_BY_US.has(codeOf(error))) {
    return new GatewayError('draining', { detail: 'the gateway stops', cause: error });
  }
  return reset(error, retryable);
}

function reset(error: Error, retryable: boolean): GatewayError {
  const detail = `the connection to the application failed: ${error.message}`;
  const origin = error instanceof GatewayError ? error.origin : 'application';
  return new GatewayError('upstream_reset', { detail, retryable, origin, cause: error });
}

const PROTOCOL_ERRORS: ReadonlySet<string> = new Set([
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_HEADERS_OVERFLOW',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);

/** What undici says when its pool is destroyed, or takes no more. */
const CLOSED_BY_US: ReadonlySet<string> = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);

function isProtocolError(error: Error): boolean {
  // What is not HTTP at all comes from undici as this class, with a code only for some of its causes.
  if (error instanceof errors.HTTPParserError) return true;
  const code = codeOf(error);
  return PROTOCOL_ERRORS.has(code) || code.startsWith('HPE_');
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
