/** Why a connection was closed before it could speak. */
export type ConnectionRefusal = 'total_ceiling' | 'address_ceiling';

/** Why a TLS handshake did not complete. */
export type HandshakeFailure =
  | 'not_tls'
  | 'malformed_hello'
  | 'unknown_server_name'
  | 'no_application_protocol'
  | 'timeout'
  | 'client_gone'
  | 'tls_error';

/** Cells the metrics read. The listener adds to them; nobody else writes (performance rule 5). */
export class ListenerStats {
  openConnections = 0;
  acceptedConnections = 0;
  redirects = 0;
  readonly refusedConnections: Record<ConnectionRefusal, number> = {
    total_ceiling: 0,
    address_ceiling: 0,
  };
  readonly failedHandshakes: Record<HandshakeFailure, number> = {
    not_tls: 0,
    malformed_hello: 0,
    unknown_server_name: 0,
    no_application_protocol: 0,
    timeout: 0,
    client_gone: 0,
    tls_error: 0,
  };
}
