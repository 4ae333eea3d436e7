import type { Clock } from '../core/clock.ts';
import type { SharedCapabilities } from '../plugin/host/host.ts';
import type { SessionsPolicy, StorePolicy } from '../policy/snapshot/snapshot.ts';
import type { Log } from '../record/log.ts';
import { SessionService } from '../session/session-service.ts';
import type { KeyValueStore } from '../store/key-value-store.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { ProviderStore } from '../store/provider-store.ts';
import { RedisStore } from '../store/redis-store.ts';
import { LeasedFlight } from '../store/leased-flight.ts';

export interface SharedStateParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Fixed for the life of the process; undefined: memory. */
  readonly store: StorePolicy | undefined;
  /** Of the policy that serves now. */
  readonly sessions: () => SessionsPolicy;
}

/** What outlives requests and reloads: the store, the sessions in it, and leases. */
export class SharedState {
  readonly store: KeyValueStore;
  readonly sessions: SessionService;
  readonly #clock: Clock;
  readonly #providers = new Map<string, SharedCapabilities>();

  constructor({ clock, log, store, sessions }: SharedStateParts) {
    this.#clock = clock;
    this.store = createStore(clock, log, store);
    this.sessions = new SessionService({
      clock,
      store: this.store,
      settings: sessions,
      log: (message) => log.error(message),
    });
  }

  /** Provider names come from the policy, so the table is as small as that. */
  forProvider(name: string): SharedCapabilities {
    let shared = this.#providers.get(name);
    if (shared === undefined) {
      const flights = new LeasedFlight({ clock: this.#clock, store: this.store }, name);
      shared = {
        store: new ProviderStore(this.store, name),
        sessions: this.sessions.forProvider(name),
        singleFlight: (key, ttlMs, work) => flights.run(key, ttlMs, work),
      };
      this.#providers.set(name, shared);
    }
    return shared;
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

/** What sessions in cookies cannot do, for the log at start and when a reload brings them. */
export const COOKIE_SESSIONS_WARNING =
  'gateway.sessions.store is cookie: no back-channel logout, a logout holds in this process alone ' +
  'and until it ends, refreshes are not coordinated between replicas, and a session is 15 KB at most';

/** Whether two policies name the same store, secrets included. */
export function isSameStore(a: StorePolicy | undefined, b: StorePolicy | undefined): boolean {
  return storeText(a) === storeText(b);
}

function storeText(policy: StorePolicy | undefined): string {
  if (policy === undefined) return '';
  const { url, password, caPem, user, prefix } = policy;
  return JSON.stringify([url.reveal(), password?.reveal(), caPem, user, prefix]);
}

function createStore(clock: Clock, log: Log, policy: StorePolicy | undefined): KeyValueStore {
  if (policy === undefined) return new MemoryStore(clock);
  const store = new RedisStore({ ...policy, clock, log: (message) => log.warn(message) });
  store.start();
  return store;
}
