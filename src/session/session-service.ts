import type { Clock } from '../core/clock.ts';
import type { Identity, Json, Sessions } from '../plugin/contract.ts';
import type { KeyValueStore } from '../store/key-value-store.ts';
import { EndedSessions } from './ended-sessions.ts';
import type { EndListener } from './ended-sessions.ts';
import { ServerSessions } from './server-sessions.ts';

export interface SessionLimits {
  /** Without a request or an open stream for so long, a session is over. */
  readonly idleMs: number;
  /** After so long it is over whatever happened. */
  readonly absoluteMs: number;
}

/** What the sessions of every provider share. */
export interface SessionParts {
  readonly clock: Clock;
  readonly store: KeyValueStore;
  /** Of the policy that serves now. */
  readonly limits: () => SessionLimits;
  readonly ended: EndedSessions;
}

export interface SessionOpening {
  readonly identity: Identity;
  readonly data: Json;
  readonly replaces?: string;
  readonly sid?: string;
}

/** Sessions as the core sees them: a plugin's face, and whether one of an open stream goes on. */
export interface ProviderSessions extends Sessions {
  keepAlive(id: string): Promise<boolean>;
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
      sessions = new ServerSessions(name, this.#parts);
      this.#providers.set(name, sessions);
    }
    return sessions;
  }

  /** Told on this replica of sessions that any replica ended. */
  onEnded(listener: EndListener): void {
    this.#parts.ended.listen(listener);
  }
}
