import type { TlsClientCredentials } from './credentials.ts';

export interface NetworkPolicy {
  readonly links: readonly RouterLink[];
  /** AMQP connections per entry router. */
  readonly connections: number;
  readonly creditWaitMs: number;
  readonly openWaitMs: number;
  readonly backoff: { readonly minMs: number; readonly maxMs: number };
  /** Ceiling of the sum over lanes of octets unacknowledged beyond one threshold, per connection. */
  readonly unackedLimitBytes: number;
}

/** One entry router and what is needed to reach it by mutual TLS. */
export interface RouterLink {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly tls: TlsClientCredentials;
}
