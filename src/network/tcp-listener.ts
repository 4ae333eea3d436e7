import { lookup } from 'node:dns';
import { type LookupFunction, connect, isIP, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import { GatewayError } from '../core/errors.ts';
import { isLoopbackAddress } from '../core/network-addresses.ts';
import type { TlsClientCredentials } from '../policy/snapshot/snapshot.ts';
import { connectSecurely, preparedForFrames } from './secure-socket.ts';
import { handshakeFault, isLostConnection, isTlsError } from './tls-fault.ts';

export interface TcpListenerTarget {
  readonly host: string;
  readonly port: number;
  /** Undefined: plain TCP, to loopback only unless `isInsecure`. */
  readonly tls: TlsClientCredentials | undefined;
  /** Plain TCP may go to any address. */
  readonly isInsecure?: boolean;
  readonly connectMs: number;
  /** What is there, in words for an operator. Default: a tcpListener. */
  readonly what?: string;
  /** True (passthrough): each half ends by itself. Default: an end of the peer's half ends ours. */
  readonly allowHalfOpen?: boolean;
  /** Left out: the system's timers. */
  readonly clock?: Pick<Clock, 'after'>;
  /** Aborting gives the connection up. */
  readonly signal?: AbortSignal;
}

const systemClock: Pick<Clock, 'after'> = {
  after: (delayMs, action) => {
    const timer = setTimeout(action, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

/**
 * The second way in: a connection to a router's own tcpListener. Rejects with a GatewayError:
 * `upstream_connect_failed`, `upstream_tls_failed` or `upstream_connect_timeout`. Who accepts no connection is
 * the router, never the application behind it, so that counts against no service. Later the socket fails as a
 * lane does, with `upstream_reset`; a client certificate that TLS 1.3 refuses late is `upstream_tls_failed`.
 */
export function connectTcpListener(target: TcpListenerTarget): Promise<Duplex> {
  if (target.signal?.aborted === true) return Promise.reject(givenUp(target.signal));
  return new Promise((resolve, reject) => {
    const progress: Progress = { stage: 'tcp' };
    const socket = preparedForFrames(explained(dial(target), placeOf(target), progress));
    const settle = (finish: () => void) => {
      timer.cancel();
      target.signal?.removeEventListener('abort', giveUp);
      finish();
    };
    const giveUp = () => socket.destroy(givenUp(target.signal!));
    const timer = (target.clock ?? systemClock).after(target.connectMs, () =>
      socket.destroy(timedOut(target)),
    );
    target.signal?.addEventListener('abort', giveUp);
    const opened = () => {
      progress.stage = 'open';
      settle(() => resolve(socket));
    };
    socket.once('error', (error) => settle(() => reject(error)));
    if (target.tls === undefined) return void socket.once('connect', opened);
    socket.once('connect', () => (progress.stage = 'tls'));
    socket.once('secureConnect', opened);
  });
}

function dial({ host, port, tls, isInsecure, allowHalfOpen = false }: TcpListenerTarget): Socket {
  if (tls !== undefined) return connectSecurely({ host, port, tls, allowHalfOpen });
  if (isInsecure === true) return connect({ host, port, allowHalfOpen });
  if (isIP(host) === 0) return connect({ host, port, allowHalfOpen, lookup: lookupLoopback });
  if (isLoopbackAddress(host)) return connect({ host, port, allowHalfOpen });
  return new Socket().destroy(notLoopback(host));
}

/** Judges the addresses that are then used, so a name cannot change its meaning in between. */
const lookupLoopback: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, []);
    const remote = addresses.find(({ address }) => !isLoopbackAddress(address));
    if (remote !== undefined) return callback(notLoopback(remote.address), []);
    if (options.all === true) return callback(null, addresses);
    callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

/** Without TLS anybody on the way could read and change requests. */
function notLoopback(address: string): GatewayError {
  const detail = `plain TCP to ${address} refused: only loopback may go without TLS`;
  return new GatewayError('upstream_connect_failed', { detail, origin: 'network' });
}

/** What is up already decides what a failure means. */
interface Progress {
  stage: 'tcp' | 'tls' | 'open';
}

/**
 * What happens to the connection reaches its user as a GatewayError, as it does of a lane; what the user
 * itself destroys it with stays as it is. Node offers no other place: errors of the kernel and of TLS are
 * raised inside the socket and reach its user through `destroy`.
 */
function explained(socket: Socket, place: string, progress: Progress): Socket {
  const destroy = socket._destroy.bind(socket);
  socket._destroy = (error, callback) =>
    destroy(error === null ? null : explain(error, place, progress), callback);
  return socket;
}

function explain(error: Error, place: string, { stage }: Progress): Error {
  if (error instanceof GatewayError) return error;
  if (stage === 'tls') return handshakeFault(error, place);
  const detail = `${place}: ${error.message}`;
  if (stage === 'tcp') {
    return new GatewayError('upstream_connect_failed', {
      detail,
      retryable: true,
      origin: 'network',
      cause: error,
    });
  }
  // TLS 1.3: a client certificate is refused only after the handshake looked complete.
  if (isTlsError(error)) return new GatewayError('upstream_tls_failed', { detail, cause: error });
  if (!isLostConnection(error)) return error;
  return new GatewayError('upstream_reset', { detail, cause: error });
}

function timedOut(target: TcpListenerTarget): GatewayError {
  return new GatewayError('upstream_connect_timeout', {
    detail: `${placeOf(target)}: no connection within ${target.connectMs} ms`,
    retryable: true,
    origin: 'network',
  });
}

function givenUp(signal: AbortSignal): GatewayError {
  if (signal.reason instanceof GatewayError) return signal.reason;
  return new GatewayError('client_gone', { retryable: true, cause: signal.reason });
}

function placeOf({ host, port, what = 'tcpListener' }: TcpListenerTarget): string {
  return `${what} ${host}:${port}`;
}
