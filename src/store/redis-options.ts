import { DEADLINES } from '../core/deadlines.ts';
import type { Secret } from '../core/secret.ts';

export interface RedisServer {
  /** `rediss://host:port/db`, or `redis://` on the loopback. */
  readonly url: Secret;
  /** PEM; undefined: the system's authorities. */
  readonly caPem: string | undefined;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
}

/** Requests that wait for one Redis; more are refused, since they would time out in the queue. */
const MAX_QUEUED = 10_000;

/** Options of the `redis` package: nothing waits without a limit, and nothing is queued for later. */
export function redisOptions({ url, caPem, user, password }: RedisServer) {
  const waits = {
    connectTimeout: DEADLINES.storeConnectMs,
    // A connection that says nothing, not even to the ping below, is dead.
    socketTimeout: DEADLINES.storeSilenceMs,
    reconnectStrategy,
  };
  const tls = { ...waits, tls: true as const, ...(caPem !== undefined && { ca: caPem }) };
  return {
    url: url.reveal(),
    socket: url.reveal().startsWith('rediss:') ? tls : waits,
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password: password.reveal() }),
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUED,
    pingInterval: DEADLINES.storePingMs,
    // Redis Enterprise announces its maintenance; a lost connection tells us as well.
    maintNotifications: 'disabled' as const,
  };
}

/** Full jitter, as for routers; never gives up. */
function reconnectStrategy(retries: number): number {
  const { reconnectMinMs, reconnectMaxMs } = DEADLINES;
  return Math.random() * Math.min(reconnectMinMs * 2 ** retries, reconnectMaxMs);
}
