import type { Clock } from '../../core/clock.ts';
import type { SharedCapabilities } from '../../plugin/host/host.ts';
import type { SessionsPolicy, StorePolicy } from '../../policy/snapshot/snapshot.ts';
import type { Log } from '../../record/record.ts';
import { SessionService } from '../../session/session.ts';
import type { KeyValueStore } from '../../store/key-value-store.ts';
import { MemoryStore } from '../../store/memory-store.ts';
import { ProviderStore } from '../../store/provider-store.ts';
import { RedisStore } from '../../store/redis/redis-store.ts';
import { LeasedFlight } from '../../store/leased-flight.ts';

export interface LastingStateParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Fixed for the life of the process; undefined: memory. */
  readonly store: StorePolicy | undefined;
  /** Of the policy in force. */
  readonly sessions: () => SessionsPolicy;
}

/** What outlives requests and reloads: the store, the sessions in it, and leases. */
export class LastingState {
  readonly store: KeyValueStore;
  /** Where limits are counted together with other gateways; undefined: nowhere. */
  readonly shared: RedisStore | undefined;
  readonly sessions: SessionService;
  readonly #clock: Clock;
  readonly #providers = new Map<string, SharedCapabilities>();

  constructor({ clock, log, store, sessions }: LastingStateParts) {
    this.#clock = clock;
    this.shared = store === undefined ? undefined : createStore(clock, log, store);
    this.store = this.shared ?? new MemoryStore(clock);
    this.sessions = new SessionService({
      clock,
      store: this.store,
      settings: sessions,
      log: (message) => log.error(message),
    });
  }

  /** Provider names come from the policy, so the table is as small as that. */
  forProvider(name: string): SharedCapabilities {
    let capabilities = this.#providers.get(name);
    if (capabilities === undefined) {
      const flights = new LeasedFlight({ clock: this.#clock, store: this.store }, name);
      capabilities = {
        store: new ProviderStore(this.store, name),
        sessions: this.sessions.forProvider(name),
        singleFlight: (key, ttlMs, work) => flights.run(key, ttlMs, work),
      };
      this.#providers.set(name, capabilities);
    }
    return capabilities;
  }

  close(): Promise<void> {
    return this.store.close();
  }
}

/** What sessions in cookies cannot do, for the log at start and when a reload brings them. */
export const COOKIE_SESSIONS_WARNING =
  'gateway.sessions.store is cookie: no back-channel logout; only this process knows of a logout, ' +
  'until it stops; replicas do not coordinate refreshes; a session is at most 15 KB';

function createStore(clock: Clock, log: Log, policy: StorePolicy): RedisStore {
  const store = new RedisStore({ ...policy, clock, log: (message) => log.warn(message) });
  store.start();
  return store;
}
