import { GatewayError } from '../core/errors.ts';

/** An error that OpenSSL raised, also after the handshake. */
export function isTlsError(error: Error): boolean {
  return codeOf(error).startsWith('ERR_SSL_');
}

/** The connection is gone: the kernel or node:tls says so. */
export function isLostConnection(error: Error): boolean {
  const { syscall } = error as NodeJS.ErrnoException;
  return syscall !== undefined || LOST.has(codeOf(error));
}

/**
 * A TLS handshake that did not come to its end. A verdict about a certificate stays the same a moment later;
 * a connection that was lost may live the next time, and no request was sent yet.
 */
export function handshakeFault(error: Error, what: string): GatewayError {
  return new GatewayError('upstream_tls_failed', {
    detail: `${what}: ${error.message} (${codeOf(error) || 'no code'})`,
    retryable: isLostConnection(error),
    cause: error,
  });
}

/** Without a system call: node:tls for an end in mid-handshake, node:net for a write behind the peer's end. */
const LOST: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
