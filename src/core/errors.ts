/**
 * Faults: something failed. They are thrown, travel as `GatewayError`, and
 * become a refusal once, in `pipeline/follow.ts`. Codes never change; `docs/errors.md` describes each.
 */
export const FAULTS = {
  /** A broken invariant of our own. */
  internal: 500,
  /** The client went away, or its stream was reset; nobody is there to answer. */
  client_gone: 499,
  /** The client sent fewer octets than its framing promised, or broke the framing. */
  client_body_malformed: 400,
  /** The request body is larger than the policy allows. */
  client_body_too_large: 413,
  /** The client sent its body slower than `gateway.client.bodyMinRate`, or past `bodyTotal`. */
  client_body_timeout: 408,
  /** No connection to any router of the network, or to a tcpListener. Nothing was sent. */
  network_unavailable: 503,
  /** The routing key has no consumer in the network: no credit came, or the opening was released. */
  service_unavailable: 503,
  /** A router's policy forbids the gateway the routing key. Nothing was sent; not the service's doing. */
  routing_key_forbidden: 502,
  /** The connector could not reach the application (TCP refused). Nothing was sent. */
  upstream_connect_failed: 502,
  /** TLS to the application inside the stream failed: its certificate, its name, or ours. */
  upstream_tls_failed: 502,
  /** No answer to the opening of a connection in time. Nothing was sent. */
  upstream_connect_timeout: 504,
  /** The connection to the application ended or failed after octets were sent. */
  upstream_reset: 502,
  /** The application sent no response head in time. */
  upstream_response_timeout: 504,
  /** The application, or the lane, was silent for longer than the idle limit. */
  upstream_idle_timeout: 504,
  /** The application's answer is not HTTP, or breaks its own framing. */
  upstream_protocol_error: 502,
  /** The exchange ran past `timeout.total`. */
  exchange_timeout: 504,
  /** Every upstream connection is busy and the bounded queue is full. */
  upstream_busy: 503,
  /** The identity that a request or stream was allowed for is over: it expired, or its session ended. */
  identity_ended: 401,
  /** The gateway is draining and its limit was reached. */
  draining: 503,
} as const;

export type FaultCode = keyof typeof FAULTS;

/** Who caused a fault. `us`: this gateway, by a limit of its own, a drain or a bug. */
export type Origin = 'us' | 'client' | 'network' | 'application';

/** Who causes a fault of this code, unless the place that makes it knows better. */
const ORIGINS: Readonly<Record<FaultCode, Origin>> = {
  internal: 'us',
  client_gone: 'client',
  client_body_malformed: 'client',
  client_body_too_large: 'client',
  client_body_timeout: 'client',
  network_unavailable: 'network',
  service_unavailable: 'network',
  routing_key_forbidden: 'network',
  upstream_connect_failed: 'application',
  upstream_tls_failed: 'application',
  upstream_connect_timeout: 'application',
  upstream_reset: 'application',
  upstream_response_timeout: 'application',
  upstream_idle_timeout: 'application',
  upstream_protocol_error: 'application',
  exchange_timeout: 'us',
  upstream_busy: 'us',
  identity_ended: 'client',
  draining: 'us',
};

export interface GatewayErrorOptions {
  /** What happened, for operators: found, wanted, where. Never a credential. */
  readonly detail?: string;
  /** True when the one retry rule (policy-language.md 8) allows another attempt. */
  readonly retryable?: boolean;
  /** Default: the one of the code. */
  readonly origin?: Origin;
  readonly cause?: unknown;
}

export class GatewayError extends Error {
  readonly code: FaultCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly origin: Origin;

  constructor(code: FaultCode, options: GatewayErrorOptions = {}) {
    super(
      options.detail ?? code,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'GatewayError';
    this.code = code;
    this.status = FAULTS[code];
    this.retryable = options.retryable ?? false;
    this.origin = options.origin ?? ORIGINS[code];
  }
}
