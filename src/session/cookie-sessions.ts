import { LRUCache } from 'lru-cache';
import type { Cookie, Identity, Json, RequestView, Session } from '../plugin/contract.ts';
import { clearing, fromCookies, MAX_SEALED, toCookies } from './cookie-chunks.ts';
import { cookieKeys } from './cookie-keys.ts';
import { seal, unseal } from './sealed-session.ts';
import type { SealedSession } from './sealed-session.ts';
import { newSessionSecret, sessionIdOf } from './session-id.ts';
import { matches } from './session-index.ts';
import type { SessionFilter } from './session-index.ts';
import { changedRecord, claimedSid, isOfHost, knownSession } from './session-record.ts';
import type { ProviderSessions, SessionOpening, SessionParts } from './provider-sessions.ts';

/** Sessions whose newest state this process remembers; the others are as their cookies say. */
const MAX_REMEMBERED = 10_000;
/** A cookie is sealed anew when its last use is so long ago, as a part of the idle limit. */
const RENEWALS_PER_IDLE_LIMIT = 10;

/**
 * The sessions of one provider, kept in the browsers' cookies, sealed. For people without a store, and
 * less than the real thing: a session can be ended by this process alone, and only while it remembers
 * it; no back-channel logout, no word between replicas, and nothing larger than 15 KB.
 */
export class CookieSessions implements ProviderSessions {
  readonly #provider: string;
  readonly #parts: SessionParts;
  readonly #newest = new LRUCache<string, SealedSession>({ max: MAX_REMEMBERED });
  /** Cookies that go out with the response to a request that was looked at. */
  readonly #renewed = new WeakMap<RequestView, readonly Cookie[]>();

  constructor(provider: string, parts: SessionParts) {
    this.#provider = provider;
    this.#parts = parts;
  }

  async open(init: SessionOpening): Promise<{ id: string; setCookies: readonly Cookie[] }> {
    const now = this.#parts.clock.now();
    const record = {
      identity: init.identity,
      data: init.data,
      host: init.request.host,
      sid: init.sid ?? claimedSid(init.identity),
      openedAtMs: now,
      endsAtMs: now + this.#parts.settings().absoluteMs,
    };
    const id = sessionIdOf(newSessionSecret());
    const provider = this.#provider;
    const session = { id, provider, revision: 0, usedAtMs: now, record };
    const setCookies = await this.#sealed(session);
    if (init.replaces !== undefined) await this.revoke({ session: init.replaces });
    return { id, setCookies };
  }

  async current(request: RequestView): Promise<Session | undefined> {
    const text = fromCookies(this.#provider, request);
    if (text === undefined) return undefined;
    const keys = cookieKeys(this.#parts.settings().keys ?? []);
    const brought = await unseal(text, keys, this.#provider);
    if (brought === undefined || !isOfHost(brought.record, request)) return undefined;
    if (!this.#isAlive(brought)) return undefined;
    if ((await this.#parts.store.get(this.#goneKey(brought.id))) !== undefined) return undefined;
    const session = this.#newer(brought);
    if (this.#wantsRenewal(brought, session)) {
      const usedAtMs = this.#parts.clock.now();
      this.#renewed.set(request, await this.#sealed({ ...session, usedAtMs }));
    }
    return knownSession(session.id, session.record).session;
  }

  async update(
    id: string,
    change: (data: Json) => Json,
    identity?: Identity,
  ): Promise<{ setCookies: readonly Cookie[] }> {
    const before = this.#newest.get(id);
    if (before === undefined) throw new Error('the session has ended, or was not looked at here');
    const record = changedRecord(before.record, change, identity);
    const usedAtMs = this.#parts.clock.now();
    const after = { ...before, record, usedAtMs, revision: before.revision + 1 };
    return { setCookies: await this.#sealed(after) };
  }

  async revoke(filter: SessionFilter): Promise<number> {
    const ended =
      filter.session === undefined
        ? [...this.#newest.values()].filter(({ record }) => matches(filter, record))
        : [this.#newest.get(filter.session)].filter((each) => each !== undefined);
    const gone: string[] = [];
    try {
      for (const { id } of ended) {
        // As long as the cookie could be brought again.
        const { absoluteMs } = this.#parts.settings();
        await this.#parts.store.set(this.#goneKey(id), '', { ttlMs: absoluteMs });
        gone.push(id);
      }
    } finally {
      if (gone.length > 0) await this.#announce(gone);
    }
    return gone.length;
  }

  /** Forgotten only when all know: until then, whoever asks again finds them here. */
  async #announce(gone: readonly string[]): Promise<void> {
    await this.#parts.ended.announce(gone);
    for (const id of gone) this.#newest.delete(id);
  }

  clear(request: RequestView): readonly Cookie[] {
    return clearing(this.#provider, request);
  }

  renewal(request: RequestView): readonly Cookie[] {
    return this.#renewed.get(request) ?? [];
  }

  async keepAlive(id: string): Promise<boolean> {
    return (await this.#parts.store.get(this.#goneKey(id))) === undefined;
  }

  /** Another request may have changed it already, and its response be still on the way. */
  #newer(brought: SealedSession): SealedSession {
    const known = this.#newest.get(brought.id);
    if (known !== undefined && known.revision > brought.revision) return known;
    this.#newest.set(brought.id, brought);
    return brought;
  }

  #wantsRenewal(brought: SealedSession, session: SealedSession): boolean {
    if (session.revision > brought.revision) return true;
    const sinceMs = this.#parts.clock.now() - brought.usedAtMs;
    return sinceMs > this.#parts.settings().idleMs / RENEWALS_PER_IDLE_LIMIT;
  }

  #isAlive({ usedAtMs, record }: SealedSession): boolean {
    const { idleMs, absoluteMs } = this.#parts.settings();
    const end = Math.min(record.endsAtMs, record.openedAtMs + absoluteMs, usedAtMs + idleMs);
    return this.#parts.clock.now() < end;
  }

  async #sealed(session: SealedSession): Promise<readonly Cookie[]> {
    const [newest] = cookieKeys(this.#parts.settings().keys ?? []);
    if (newest === undefined) throw new Error('gateway.sessions has no keys');
    const text = await seal(session, newest);
    const restSeconds = Math.ceil((session.record.endsAtMs - this.#parts.clock.now()) / 1000);
    const cookies = toCookies(this.#provider, text, Math.max(0, restSeconds));
    if (cookies === undefined) throw this.#tooLarge(text.length);
    this.#newest.set(session.id, session);
    return cookies;
  }

  #tooLarge(length: number): Error {
    const message = `a session of provider ${this.#provider} needs ${length} octets of cookies, at most ${MAX_SEALED} are sent; set gateway.sessions.store to server`;
    this.#parts.log(message);
    return new RangeError(message);
  }

  #goneKey(id: string): string {
    return `gone:${this.#provider}:${id}`;
  }
}
