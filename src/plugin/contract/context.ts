import type { Json } from '../../core/identity.ts';
import type { Sessions } from './sessions.ts';

/** What a plugin can do, handed in to `create`: a plugin imports nothing global, so a test can hold each member. */
export interface Context {
  /** The provider's name in the policy. */
  readonly name: string;
  /** Aborts when the instance is closed. */
  readonly signal: AbortSignal;
  /** A line of the gateway's log, with the provider's name. Never a credential. */
  readonly log: Record<
    'debug' | 'info' | 'warn' | 'error',
    (msg: string, fields?: Record<string, Json>) => void
  >;
  readonly metrics: {
    /**
     * Adds to `fairlead_plugin_events_total`, 1 by default. `name` is a word. Of `labels` four are kept, their values
     * cut at 64 characters; of a provider, 200 combinations.
     */
    count(name: string, by?: number, labels?: Record<string, string>): void;
  };
  readonly clock: {
    /** Milliseconds since 1970. */
    now(): number;
  };
  /**
   * `fetch` behind the gateway's rules. A redirect is an error unless `init.redirect` says otherwise, and so are 15 s
   * of silence. Aborts when the instance is closed.
   */
  readonly fetch: (input: string | URL, init?: FetchInit) => Promise<Response>;
  readonly store: Store;
  readonly sessions: Sessions;
  /**
   * One run for a key at a time, over all replicas. Callers in this process share its outcome; another replica runs its
   * own work when ours has ended, so work begins by reading again what it would change. Its signal aborts after
   * `ttlMs`, or when the lease is lost. Rejects when the store is down, and beyond 1000 keys at a time.
   */
  singleFlight<T>(key: string, ttlMs: number, fn: (s: AbortSignal) => Promise<T>): Promise<T>;
}

/** What a plugin may ask of the connection, beside what `fetch` takes. The core enforces it when it connects. */
export interface FetchInit extends RequestInit {
  /** Default false: loopback, private and link-local addresses are refused after resolution. */
  readonly allowPrivate?: boolean;
  /** PEM: authorities that are trusted instead of the system's. */
  readonly ca?: string;
  /** PEM: shown to the server (RFC 8705). */
  readonly clientCertificate?: { readonly cert: string; readonly key: string };
}

/**
 * Texts of one provider, for a time: in memory, or in Redis where `gateway.store` names one, with the same semantics.
 * Every operation rejects when the store is down, and `set` when it is full. In memory each kind of key, what stands
 * before its first dot, has a bound of its own.
 */
export interface Store {
  get(key: string): Promise<string | undefined>;
  /** `ttlMs` is above 0. False: `ifAbsent`, and the key is there. */
  set(key: string, value: string, opts: { ttlMs: number; ifAbsent?: boolean }): Promise<boolean>;
  delete(key: string): Promise<void>;
}
