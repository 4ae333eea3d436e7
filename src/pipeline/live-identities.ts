import type { Clock } from '../core/clock.ts';
import { DEADLINES } from '../core/deadlines.ts';
import { GatewayError } from '../core/errors.ts';
import type { AuthenticatedIdentity } from '../core/identity.ts';
import { Roster } from '../core/roster.ts';
import type { EndListener } from '../session/session.ts';
import type { Exchange } from './exchange.ts';
import { RecentlyEnded } from './recently-ended.ts';

/** An exchange, and what its end hangs on. */
interface Watched {
  readonly exchange: Exchange;
  readonly identity: Lifetime;
}

/** Of an identity: what decides how long its exchange may stay open. */
type Lifetime = Pick<
  AuthenticatedIdentity,
  'provider' | 'sessionProvider' | 'session' | 'expiresAt'
>;

export interface LiveIdentitiesParts {
  readonly clock: Clock;
  /** Whether the session goes on; also counts as use of it. Rejects when nobody can tell. */
  readonly keepAlive: (provider: string, session: string) => Promise<boolean>;
  readonly end: (exchange: Exchange, error: GatewayError) => void;
}

/**
 * Ends requests and streams whose identity is over: at `expiresAt`, and when their session is ended on
 * any replica. One tick over all of them instead of a timer each.
 */
export class LiveIdentities implements EndListener {
  readonly #parts: LiveIdentitiesParts;
  readonly #open = new Roster<Watched>();
  readonly #recent = new RecentlyEnded();
  #lastCheckMs = 0;
  #isTicking = false;
  #isChecking = false;

  constructor(parts: LiveIdentitiesParts) {
    this.#parts = parts;
  }

  /**
   * Until the exchange lets go of what it holds. Ends it at once when its session ended while it was being
   * authenticated. False: this identity does not end, or has ended.
   */
  watch(exchange: Exchange, identity: Lifetime): boolean {
    const { session, expiresAt } = identity;
    if (session === undefined && expiresAt === undefined) return false;
    if (session !== undefined && this.#recent.has(session)) {
      this.#parts.end(exchange, identityEnded('its session was ended'));
      return false;
    }
    const entry = this.#open.add({ exchange, identity });
    exchange.held.defer(() => entry.remove());
    this.#tickLater();
    return true;
  }

  ended(sessions: readonly string[]): void {
    const ended = new Set(sessions);
    this.#recent.note(sessions, this.#parts.clock.monotonicMs());
    for (const { exchange, identity } of this.#open.items()) {
      if (identity.session === undefined || !ended.has(identity.session)) continue;
      this.#parts.end(exchange, identityEnded('its session was ended'));
    }
  }

  gap(): void {
    void this.#checkSessions();
  }

  #tickLater(): void {
    if (this.#isTicking) return;
    this.#isTicking = true;
    this.#parts.clock.after(DEADLINES.identitySweepMs, () => this.#tick());
  }

  #tick(): void {
    this.#isTicking = false;
    const now = this.#parts.clock.now();
    for (const { exchange, identity } of this.#open.items()) {
      const { expiresAt } = identity;
      if (expiresAt !== undefined && expiresAt <= now) {
        this.#parts.end(exchange, identityEnded('its identity has expired'));
      }
    }
    const sinceMs = this.#parts.clock.monotonicMs() - this.#lastCheckMs;
    if (sinceMs >= DEADLINES.sessionCheckMs) void this.#checkSessions();
    if (this.#open.size > 0) this.#tickLater();
  }

  /** Of what is open, each once, by who keeps it. */
  #sessions(): ReadonlyMap<string, ReadonlySet<string>> {
    const sessions = new Map<string, Set<string>>();
    for (const { identity } of this.#open.items()) {
      if (identity.session === undefined) continue;
      const provider = identity.sessionProvider ?? identity.provider;
      const kept = sessions.get(provider) ?? new Set();
      sessions.set(provider, kept.add(identity.session));
    }
    return sessions;
  }

  /** Word can get lost, and an idle session ends without any. No provider waits for another. */
  async #checkSessions(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    this.#lastCheckMs = this.#parts.clock.monotonicMs();
    await Promise.all(
      [...this.#sessions()].map(([provider, sessions]) => this.#checkAt(provider, sessions)),
    );
    this.#isChecking = false;
  }

  /** Each is judged by itself. */
  async #checkAt(provider: string, sessions: ReadonlySet<string>): Promise<void> {
    for (const session of sessions) {
      if (!(await this.#goesOn(provider, session))) this.ended([session]);
    }
  }

  /** A store that is down ends nothing: the next check tells. */
  async #goesOn(provider: string, session: string): Promise<boolean> {
    try {
      return await this.#parts.keepAlive(provider, session);
    } catch {
      return true;
    }
  }
}

function identityEnded(detail: string): GatewayError {
  return new GatewayError('identity_ended', { detail });
}
