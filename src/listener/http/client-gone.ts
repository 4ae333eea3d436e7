import { GatewayError } from '../../core/errors.ts';

/** The fault of a client that left, or reset its stream. */
export function clientGone(detail: string): GatewayError {
  return new GatewayError('client_gone', { detail });
}
