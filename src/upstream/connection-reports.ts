import type { Duplex } from 'node:stream';
import type { GatewayError } from '../core/errors.ts';

/** What the users of a connection say about it. The outlier guard decides by it. */
export interface ConnectionReports {
  /** The application has answered. Needed only where the octets are not read through the stream itself. */
  answered(connection: Duplex): void;
  /** A request was written, and this is why it has no answer. Whoever gave the request up tells nothing. */
  failed(connection: Duplex, error: GatewayError): void;
}

export const NO_REPORTS: ConnectionReports = { answered() {}, failed() {} };
