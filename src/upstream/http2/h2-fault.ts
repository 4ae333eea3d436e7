import { constants } from 'node:http2';
import { GatewayError } from '../../core/errors.ts';
import { mayHaveDiedUnseen, type LostRequest } from '../retry-rule.ts';

/** What a stream that ended before its response was whole means, by its code (RFC 9113 7). */
export function h2Fault(code: number, lost: LostRequest): GatewayError {
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
    retryable: mayRetry(code, lost),
  });
}

/**
 * REFUSED_STREAM is the application's word that nothing was done (RFC 9113 8.7), for any method; without a
 * body it can be sent again.
 */
function mayRetry(code: number, lost: LostRequest): boolean {
  const isRefused = code === constants.NGHTTP2_REFUSED_STREAM;
  return isRefused ? lost.isBodyless && !lost.hasAnswered : mayHaveDiedUnseen(lost);
}
