import { type FaultCode, GatewayError, type Origin } from '../../../core/errors.ts';
import type { DeliveryState } from '../codec/codec.ts';

/** Everything that can end a lane before its time (router-stream-protocol.md 11). */
export type OpeningFailure =
  | 'no_credit'
  | 'no_answer'
  | 'silence'
  | 'no_outcome'
  | 'aborted'
  | 'ended'
  | 'forbidden'
  | 'connection_lost'
  | 'settled'
  | DeliveryState['kind'];

/** Code and sentence for a failure before the response opening: no octet has left. */
const BEFORE: Readonly<Record<OpeningFailure, readonly [FaultCode, string]>> = {
  no_credit: ['service_unavailable', 'no credit for the routing key: it has no consumer'],
  no_answer: ['upstream_connect_timeout', 'the opening was not answered in time'],
  // The network's fault, not the service's: an outlier guard must not count it.
  silence: ['network_unavailable', 'the router said nothing at all since the opening'],
  no_outcome: ['upstream_connect_failed', 'the opening had no outcome'],
  aborted: ['service_unavailable', 'the response was aborted before its opening'],
  ended: ['upstream_connect_failed', 'the lane was ended before the response opening'],
  // What the operators of the two ends must agree on: no service failed.
  forbidden: ['routing_key_forbidden', "the router's policy forbids the routing key"],
  connection_lost: ['network_unavailable', 'the router connection was lost'],
  settled: ['upstream_connect_failed', 'the opening was settled without an answer'],
  received: ['upstream_connect_failed', 'the opening was received and never answered'],
  accepted: ['upstream_connect_failed', 'the opening was accepted without an answer'],
  rejected: ['upstream_connect_failed', 'the opening was rejected'],
  released: ['service_unavailable', 'the opening was released: the consumer is gone'],
  modified: ['upstream_connect_failed', 'the connector could not reach the application'],
  unknown: ['upstream_connect_failed', 'the opening got an outcome that AMQP 1.0 does not know'],
};

const WITHIN: Readonly<Record<OpeningFailure, string>> = {
  no_credit: 'no credit',
  no_answer: 'no answer',
  silence: 'the router was silent',
  no_outcome: 'the application ended its half without an outcome, so the stream may be incomplete',
  aborted: 'the response was aborted: a router on the way was lost',
  ended: 'the router ended the lane',
  forbidden: "the router's policy forbids the routing key",
  connection_lost: 'the router connection was lost',
  settled: 'the request was settled without an outcome',
  received: 'the request was received only in part',
  accepted: 'the request was accepted early',
  rejected: 'the request was rejected',
  released: 'the request was released: the way to the application was lost',
  modified: 'the application reset the connection, or its connector was removed',
  unknown: 'the request got an outcome that AMQP 1.0 does not know',
};

/** What the application did, or did not do. Everything else is the doing of a router. */
const OF_THE_APPLICATION: ReadonlySet<OpeningFailure> = new Set([
  'modified',
  'no_answer',
  'no_outcome',
]);

/** Always retryable: nothing of the caller's was sent. */
export function failureBefore(
  failure: OpeningFailure,
  routingKey: string,
  detail?: string,
): GatewayError {
  const [code, sentence] = BEFORE[failure];
  const text = `${routingKey}: ${detail ?? sentence}`;
  return new GatewayError(code, { detail: text, retryable: true, origin: originOf(failure) });
}

/** Never retryable: octets may have been sent. */
export function failureWithin(failure: OpeningFailure, detail?: string): GatewayError {
  const text = detail ?? WITHIN[failure];
  return new GatewayError('upstream_reset', { detail: text, origin: originOf(failure) });
}

/** The user wrote after its own end. */
export function writtenLate(): NodeJS.ErrnoException {
  return Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' });
}

/** A write behind the FIN that followed the application's own is a reset, as on a TCP socket. */
export function explained(
  error: NodeJS.ErrnoException | undefined,
  isResponseComplete: boolean,
): Error | undefined {
  if (error?.code !== 'ERR_STREAM_WRITE_AFTER_END' || !isResponseComplete) return error;
  const detail = 'the application ended the connection while more was written';
  return new GatewayError('upstream_reset', { detail, cause: error });
}

/** Before the opening everything else is the user's leaving. */
export function asGatewayError(error: Error | undefined): GatewayError {
  if (error instanceof GatewayError) return error;
  return new GatewayError('client_gone', { retryable: true, cause: error });
}

function originOf(failure: OpeningFailure): Origin {
  return OF_THE_APPLICATION.has(failure) ? 'application' : 'network';
}
