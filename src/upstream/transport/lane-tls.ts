import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../core/clock.ts';
import { GatewayError } from '../../core/errors.ts';
import { secureOptions } from '../../network/secure-socket.ts';
import { handshakeFault } from '../../network/tls-fault.ts';
import type { ServicePolicy, TlsClientCredentials } from '../../policy/snapshot/snapshot.ts';

export interface LaneTlsOptions {
  readonly service: ServicePolicy;
  readonly tls: TlsClientCredentials;
  readonly clock: Pick<Clock, 'after'>;
}

/**
 * TLS with the application inside a stream, so that the network carries ciphertext only. Verification is
 * never skipped. Rejects with `upstream_tls_failed` and the reason, or `upstream_connect_timeout`.
 */
export function secureLane(lane: Duplex, options: LaneTlsOptions): Promise<TLSSocket> {
  const { service, tls, clock } = options;
  const host = tls.serverName ?? nameOf(service);
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      ...secureOptions({ host, port: 0, tls }),
      socket: lane,
      ALPNProtocols: [...PROTOCOLS[service.protocol]],
    });
    const { connectMs } = service.timeout;
    const timer = clock.after(connectMs, () => socket.destroy(timedOut(service, connectMs)));
    const fail = (error: Error) => {
      timer.cancel();
      lane.destroy();
      reject(asFault(error, service, host));
    };
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      timer.cancel();
      const refusal = disagreement(socket, service);
      if (refusal !== undefined) {
        socket.destroy(refusal);
        return;
      }
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

const PROTOCOLS: Readonly<Record<ServicePolicy['protocol'], readonly string[]>> = {
  http1: ['http/1.1'],
  h2: ['h2'],
  auto: ['h2', 'http/1.1'],
};

/** The routing key without the port that many end in: `billing:8443` → `billing`. */
function nameOf(service: ServicePolicy): string {
  return service.address.replace(/:\d+$/, '');
}

/** RFC 9113 3.2: over TLS, HTTP/2 is spoken only where both sides named it. */
function disagreement(socket: TLSSocket, service: ServicePolicy): GatewayError | undefined {
  if (service.protocol !== 'h2' || socket.alpnProtocol === 'h2') return undefined;
  return new GatewayError('upstream_tls_failed', {
    detail: `service ${service.name} does not agree to HTTP/2 in TLS (ALPN), as protocol: h2 wants`,
  });
}

function timedOut(service: ServicePolicy, connectMs: number): GatewayError {
  return new GatewayError('upstream_connect_timeout', {
    detail: `service ${service.name}: no TLS within ${connectMs} ms`,
    retryable: true,
  });
}

function asFault(error: Error, service: ServicePolicy, name: string): GatewayError {
  const what = `service ${service.name}, certificate for ${name} wanted`;
  if (!(error instanceof GatewayError)) return handshakeFault(error, what);
  if (error.code !== 'upstream_reset') return error;
  // Of the lane. No request was sent yet, so another attempt is safe.
  const code = error.origin === 'network' ? 'network_unavailable' : 'upstream_tls_failed';
  const detail = `${what}: ${error.message}`;
  return new GatewayError(code, { detail, retryable: true, cause: error });
}
