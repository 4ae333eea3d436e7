import type { Clock } from '../core/clock.ts';
import type { Secret } from '../core/secret.ts';
import type { Cookie, Identity, Json, RequestView, Sessions } from '../plugin/contract.ts';
import type { KeyValueStore } from '../store/key-value-store.ts';
import type { EndedSessions } from './ended-sessions.ts';

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
  /** Of the policy in force. */
  readonly settings: () => SessionSettings;
  /** For what an operator should know. */
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

/** Sessions as the core sees them: what plugins get, and whether the session of an open stream still lasts. */
export interface ProviderSessions extends Sessions {
  /** Counts an open stream as use; false when its session is over. Rejects when the store is away. */
  keepAlive(id: string): Promise<boolean>;
  /** Cookies that keep the session which `current` found for this very view; none where it is stored. */
  renewal(request: RequestView): readonly Cookie[];
}
