import { isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  type TLSSocket,
  checkServerIdentity,
  connect,
  getCACertificates,
} from 'node:tls';
import type { TlsClientCredentials } from '../policy/snapshot/snapshot.ts';

export interface SecureTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsClientCredentials;
  /** Each half ends by itself. Default: an end of the peer's half ends ours. */
  readonly allowHalfOpen?: boolean;
}

/**
 * Begins a mutual-TLS connection to a router. Only the given CA is trusted, the name is verified, and
 * no session is ever resumed: a router kills a resumed mutual-TLS handshake (router-stream-protocol.md 2).
 * `secureConnect` does not mean accepted: TLS 1.3 refuses a client certificate after it.
 */
export function connectSecurely(target: SecureTarget): TLSSocket {
  return connect(secureOptions(target));
}

export function secureOptions(target: SecureTarget): ConnectionOptions {
  const { host, port, tls, allowHalfOpen = false } = target;
  const name = tls.serverName ?? host;
  // Node takes `allowHalfOpen` here; its types do not name it.
  const options: ConnectionOptions & { readonly allowHalfOpen: boolean } = {
    host,
    port,
    allowHalfOpen,
    ca: tls.caPem === undefined ? systemAuthorities() : separated(tls.caPem),
    cert: tls.certPem === undefined ? undefined : separated(tls.certPem),
    key: tls.keyPem?.reveal(),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
  };
  // RFC 6066 3: a server name is a DNS name, never an address.
  return isIP(name) === 0 ? { ...options, servername: name } : options;
}

let authorities: readonly string[] | undefined;

/** Those of Node and of the machine, read once: both are what an operator calls trusted by the system. */
function systemAuthorities(): string[] {
  authorities ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return [...authorities];
}

/** Files joined without a line break in between: OpenSSL would read the first certificate only. */
function separated(pem: string): string {
  return pem.replaceAll('----------BEGIN', '-----\n-----BEGIN');
}

/** Small frames must not wait for an acknowledgement of earlier ones. */
export function preparedForFrames<Kind extends Socket>(socket: Kind): Kind {
  socket.setNoDelay(true);
  return socket;
}
