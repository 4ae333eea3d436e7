import { constants } from 'node:http2';
import { GatewayError } from '../../core/errors.ts';
import { IDEMPOTENT_METHODS } from '../idempotent-methods.ts';

export interface H2Circumstances {
  readonly method: string;
  readonly isBodyless: boolean;
  /** A response head came, an interim one (1xx) too. */
  readonly hasAnswered: boolean;
  /** Above 0 the connection was kept alive and may have died unseen. */
  readonly earlierRequests: number;
}

/** What a stream that ended before its response was whole means, by its code (RFC 9113 7). */
export function h2Fault(code: number, at: H2Circumstances): GatewayError {
  if (code === constants.NGHTTP2_PROTOCOL_ERROR) {
    const detail = 'the answer is not HTTP/2, or breaks its own framing';
    return new GatewayError('upstream_protocol_error', { detail });
  }
  if (code === constants.NGHTTP2_ENHANCE_YOUR_CALM) {
    const detail =
      'the response head is larger than responseHead allows, or the application asks for fewer requests';
    return new GatewayError('upstream_protocol_error', { detail });
  }
  return new GatewayError('upstream_reset', {
    detail: `the stream to the application ended early with code ${code}`,
    retryable: mayRetry(code, at),
  });
}

/**
 * policy-language.md 8. REFUSED_STREAM is the application's word that nothing was done (RFC 9113
 * 8.7), for any method; without a body it can be sent again.
 */
function mayRetry(code: number, at: H2Circumstances): boolean {
  if (!at.isBodyless || at.hasAnswered) return false;
  if (code === constants.NGHTTP2_REFUSED_STREAM) return true;
  return at.earlierRequests > 0 && IDEMPOTENT_METHODS.has(at.method);
}
