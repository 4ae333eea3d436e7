import { DEADLINES } from '../../core/deadlines.ts';
import { isLoopbackHost } from '../../core/network-addresses.ts';
import type { Secret } from '../../core/secret.ts';

/** What holds for every server of a place. */
export interface RedisAccess {
  /** PEM; undefined: the system's authorities. */
  readonly caPem: string | undefined;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
}

export interface RedisServer extends RedisAccess {
  /** `rediss://host:port/db`, or `redis://` on the loopback. */
  readonly url: Secret;
}

/** Requests that wait for one Redis; more are refused, since they would time out in the queue. */
export const MAX_QUEUED = 10_000;

export function redisOptions({ url, ...access }: RedisServer) {
  return { url: url.reveal(), ...nodeOptions(access, isTls(url)) };
}

/** Options of the `redis` package: nothing waits without a limit, and nothing is queued for later. */
export function nodeOptions({ caPem, user, password }: RedisAccess, usesTls: boolean) {
  const waits = {
    connectTimeout: DEADLINES.storeConnectMs,
    // A connection that says nothing, not even to the ping below, is dead.
    socketTimeout: DEADLINES.storeSilenceMs,
    reconnectStrategy,
  };
  const tls = { ...waits, tls: true as const, ...(caPem !== undefined && { ca: caPem }) };
  return {
    socket: usesTls ? tls : waits,
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password: password.reveal() }),
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUED,
    pingInterval: DEADLINES.storePingMs,
    // Redis Enterprise announces its maintenance; a lost connection tells us as well.
    maintNotifications: 'disabled' as const,
  };
}

export function isTls(url: Secret): boolean {
  return url.reveal().startsWith('rediss:');
}

/**
 * For addresses that a cluster or Sentinel names: the rule of the policy holds for them, too. Throws where
 * they would be asked in the clear on another machine; else it changes nothing.
 */
export function refusePlain(usesTls: boolean): (address: string) => undefined {
  return (address) => {
    const host = address.slice(0, address.lastIndexOf(':'));
    if (usesTls || isLoopbackHost(host)) return undefined;
    throw new Error(`${address} is another machine, and redis:// is without TLS`);
  };
}

/** Full jitter, as for routers; never gives up. */
export function reconnectStrategy(retries: number): number {
  const { reconnectMinMs, reconnectMaxMs } = DEADLINES;
  return Math.random() * Math.min(reconnectMinMs * 2 ** retries, reconnectMaxMs);
}
