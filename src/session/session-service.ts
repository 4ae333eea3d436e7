import { CookieSessions } from './cookie-sessions.ts';
import { EndedSessions } from './ended-sessions.ts';
import type { EndListener } from './ended-sessions.ts';
import { wellFormed } from './malformed-identity.ts';
import type { ProviderSessions, SessionParts } from './provider-sessions.ts';
import { ServerSessions } from './server-sessions.ts';

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
