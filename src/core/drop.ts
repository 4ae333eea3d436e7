/**
 * Drops: a client's connection or HTTP/2 stream that we close without an answer, so that no access line and
 * no status tells why. Each has a sentence for the log and a level; `docs/errors.md` describes each. What
 * is answered is a refusal or a fault, what the client ended by itself is `client_gone` of its exchange.
 */
export const DROPS = {
  // before the connection can speak
  total_ceiling: ['warn', 'connection refused: gateway.limits.connections are open'],
  address_ceiling: [
    'warn',
    'connection refused: this address has gateway.limits.perClientAddress.connections open',
  ],
  handshake_ceiling: [
    'warn',
    'connection refused: this address began gateway.limits.perClientAddress.handshakes',
  ],
  // the PROXY protocol
  proxy_header_missing: [
    'warn',
    'connection closed: a peer of gateway.listen.proxyProtocol began without the PROXY protocol',
  ],
  proxy_header_malformed: [
    'warn',
    'connection closed: the PROXY protocol header is malformed, too long or of a family that is not TCP',
  ],
  proxy_header_timeout: [
    'info',
    'connection closed: no PROXY protocol header within gateway.client.handshake',
  ],
  proxy_header_gone: ['debug', 'connection closed: the peer left before its PROXY protocol header'],
  // a balancer that ends TLS
  untrusted_peer: ['warn', 'connection refused: the peer is not one of gateway.listen.plain.from'],
  first_octets_timeout: [
    'info',
    'connection closed: no request began on the plain port within gateway.client.handshake',
  ],
  first_octets_gone: ['debug', 'connection closed: the peer left before it sent anything'],
  // the TLS handshake
  not_tls: ['info', 'handshake refused: the client does not speak TLS'],
  malformed_hello: ['info', 'handshake refused: the ClientHello is malformed'],
  unknown_server_name: [
    'info',
    'handshake refused: no certificate has the name that was asked for',
  ],
  server_name_changed: ['info', 'handshake refused: TLS agreed on another name than was asked for'],
  no_application_protocol: ['info', 'handshake refused: the client offers neither h2 nor http/1.1'],
  handshake_timeout: ['info', 'handshake given up: it took longer than gateway.client.handshake'],
  handshake_gone: ['debug', 'handshake given up: the client left'],
  handshake_failed: ['info', 'handshake failed: no common TLS version or cipher, or broken TLS'],
  // within a connection
  broken_tls: ['info', 'connection closed: its TLS broke after the handshake'],
  pipelined_too_far: ['info', 'requests dropped: more were pipelined than are read ahead'],
  unread_body: [
    'info',
    'connection closed: the rest of an unread request body was too long or too late',
  ],
  write_timeout: ['info', 'client cut: it read nothing of a response for gateway.client.write'],
  settings_timeout: ['info', 'connection closed: no HTTP/2 preface within gateway.client.headers'],
  head_timeout: ['info', 'connection closed: an HTTP/2 head did not end in gateway.client.headers'],
  head_refused: [
    'info',
    'HTTP/2 stream reset: its head is malformed, or has too many fields to be read',
  ],
  protocol_error: ['info', 'connection closed: the client broke the rules of HTTP/2'],
  flood: ['warn', 'connection closed: a flood of HTTP/2 frames'],
  reset_budget: ['warn', 'connection closed: too many HTTP/2 streams were reset'],
} as const satisfies Record<string, readonly [level: 'debug' | 'info' | 'warn', sentence: string]>;

export type DropReason = keyof typeof DROPS;

/** Called for each drop, at once. `detail` is for the log: what a library said, never a credential. */
export type OnDrop = (reason: DropReason, address: string, detail?: string) => void;
