import type { Clock } from '../core/clock.ts';
import type { Secret } from '../core/secret.ts';
import type { Cookie, Identity, Json, RequestView, Sessions } from '../plugin/contract.ts';
import type { KeyValueStore } from '../store/key-value-store.ts';
import { CookieSessions } from './cookie-sessions.ts';
import { EndedSessions } from './ended-sessions.ts';
import type { EndListener } from './ended-sessions.ts';
import { wellFormed } from './malformed-identity.ts';
import { ServerSessions } from './server-sessions.ts';

export interface SessionLimits {
  /** Without a request or an open stream for so long, a session is over. */
  readonly idleMs: number;
  /** After so long it is over whatever happened. */
  readonly absoluteMs: number;
}

export interface SessionSettings extends SessionLimits {
  /** Default `server`. */
  readonly store?: 'server' | 'cookie';
  /** Of cookie mode, the newest first. */
  readonly keys?: readonly Secret[];
}

/** What the sessions of every provider share. */
export interface SessionParts {
  readonly clock: Clock;
  readonly store: KeyValueStore;
  /** Of the policy that serves now. */
  readonly settings: () => SessionSettings;
  /** What an operator should know. */
  readonly log: (message: string) => void;
  readonly ended: EndedSessions;
}

export interface SessionOpening {
  readonly request: RequestView;
  readonly identity: Identity;
  readonly data: Json;
  readonly replaces?: string;
  readonly sid?: string;
}

/** Sessions as the core sees them: a plugin's face, and whether one of an open stream goes on. */
export interface ProviderSessions extends Sessions {
  /** Counts an open stream as use; false when its session is over. Rejects when the store is away. */
  keepAlive(id: string): Promise<boolean>;
  /** Cookies that keep the session which `current` found for this very view; none where it is stored. */
  renewal(request: RequestView): readonly Cookie[];
}

/** The sessions of all providers, over all policy generations: a reload logs nobody out. */
export class SessionService {
  readonly #parts: SessionParts;
  readonly #providers = new Map<string, ProviderSessions>();

  constructor(parts: Omit<SessionParts, 'ended'>) {
    this.#parts = { ...parts, ended: new EndedSessions(parts.store) };
  }

  /** Provider names come from the policy, so the table is as small as that. */
  forProvider(name: string): ProviderSessions {
    let sessions = this.#providers.get(name);
    if (sessions === undefined) {
      sessions = this.#either(name);
      this.#providers.set(name, sessions);
    }
    return sessions;
  }

  /** A plugin keeps what it was handed, and a reload may change where sessions are. */
  #either(name: string): ProviderSessions {
    const stored = new ServerSessions(name, this.#parts);
    const sealed = new CookieSessions(name, this.#parts);
    const now = () => (this.#parts.settings().store === 'cookie' ? sealed : stored);
    return {
      open: async (init) => now().open({ ...init, identity: wellFormed(init.identity) }),
      current: (request) => now().current(request),
      update: async (id, change, identity) =>
        now().update(id, change, identity === undefined ? undefined : wellFormed(identity)),
      revoke: (filter) => now().revoke(filter),
      clear: (request) => now().clear(request),
      renewal: (request) => now().renewal(request),
      keepAlive: (id) => now().keepAlive(id),
    };
  }

  /** Told on this replica of sessions that any replica ended. */
  onEnded(listener: EndListener): void {
    this.#parts.ended.listen(listener);
  }
}
