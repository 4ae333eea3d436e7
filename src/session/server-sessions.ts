import { LRUCache } from 'lru-cache';
import type { Clock } from '../core/clock.ts';
import { andThen } from '../core/maybe.ts';
import type { Maybe } from '../core/maybe.ts';
import { COOKIE_PREFIX } from '../plugin/contract.ts';
import type { Cookie, Identity, Json, RequestView, Session } from '../plugin/contract.ts';
import { StoreError } from '../store/key-value-store.ts';
import type { KeyValueStore } from '../store/key-value-store.ts';
import type { EndedSessions } from './ended-sessions.ts';
import { isSessionSecret, newSessionSecret, sessionIdOf } from './session-id.ts';
import { matches, SessionIndex } from './session-index.ts';
import type { SessionFilter } from './session-index.ts';
import {
  changedRecord,
  claimedSid,
  decodeRecord,
  encodeRecord,
  isOfHost,
} from './session-record.ts';
import type { KnownSession, SessionRecord } from './session-record.ts';
import type { ProviderSessions, SessionLimits } from './provider-sessions.ts';
import type { SessionOpening, SessionParts } from './provider-sessions.ts';
import { SessionUse } from './session-use.ts';

/** Changes of one session at a time are few: refreshes are flown singly. */
const MAX_ATTEMPTS = 10;
/** Records that were parsed and frozen; a record of 64 KiB costs a millisecond each time otherwise. */
const KNOWN = { max: 10_000, maxSize: 64 * 1024 * 1024 };
const NO_COOKIES: readonly Cookie[] = [];
/** Looked at together when many sessions end at once. */
const BATCH = 50;

/** A session that is not there any more. */
interface Gone {
  readonly id: string;
  /** By this very call, so that two logouts count it once. */
  readonly isEnded: boolean;
  /** Undefined: it was gone before, and nothing is known of it. */
  readonly record: SessionRecord | undefined;
}

/**
 * The sessions of one provider, kept in the store. The cookie holds a random secret and nothing else; a
 * session ends when it was not used for the idle limit, at its absolute limit, or when it is revoked.
 */
export class ServerSessions implements ProviderSessions {
  readonly #provider: string;
  readonly #clock: Clock;
  readonly #store: KeyValueStore;
  readonly #limits: () => SessionLimits;
  readonly #ended: EndedSessions;
  readonly #index: SessionIndex;
  readonly #use: SessionUse;
  readonly #known = new LRUCache<string, { text: string; known: KnownSession }>({
    ...KNOWN,
    sizeCalculation: ({ text }) => text.length + 1,
  });

  constructor(provider: string, parts: SessionParts) {
    this.#provider = provider;
    this.#clock = parts.clock;
    this.#store = parts.store;
    this.#limits = parts.settings;
    this.#ended = parts.ended;
    this.#index = new SessionIndex(parts.store, provider);
    this.#use = new SessionUse(parts.store, parts.clock);
  }

  async open(init: SessionOpening): Promise<{ id: string; setCookies: readonly Cookie[] }> {
    const { absoluteMs } = this.#limits();
    const secret = newSessionSecret();
    const id = sessionIdOf(secret);
    const now = this.#clock.now();
    const record: SessionRecord = {
      identity: init.identity,
      data: init.data,
      host: init.request.host,
      sid: init.sid ?? claimedSid(init.identity),
      openedAtMs: now,
      endsAtMs: now + absoluteMs,
    };
    // The index first: a session that is there can be found by whoever ends it.
    await this.#index.add(id, record, absoluteMs);
    await this.#store.set(this.#key(id), encodeRecord(record), { ttlMs: this.#ttlMs(record) });
    // what was before the login is not what is after it. Its requests in flight are answered all
    // the same: the person of ten tabs who logs in again did not log out.
    if (init.replaces !== undefined) await this.#replace(init.replaces);
    return { id, setCookies: [this.#cookie(secret, Math.floor(absoluteMs / 1000))] };
  }

  async #replace(id: string): Promise<void> {
    const gone = await this.#end(id, { session: id });
    if (gone !== undefined) await this.#forget(gone);
  }

  current(request: RequestView): Maybe<Session | undefined> {
    const secret = request.cookies.get(COOKIE_PREFIX + this.#provider);
    if (secret === undefined || !isSessionSecret(secret)) return undefined;
    const id = sessionIdOf(secret);
    return andThen(this.#store.get(this.#key(id)), (text) => this.#used(request, id, text));
  }

  async update(
    id: string,
    change: (data: Json) => Json,
    identity?: Identity,
  ): Promise<{ setCookies: readonly Cookie[] }> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const text = await this.#store.get(this.#key(id));
      const before = this.#alive(id, text);
      if (text === undefined || before === undefined) throw new Error('the session has ended');
      const record = changedRecord(before.record, change, identity);
      const next = { expected: text, value: encodeRecord(record), ttlMs: this.#ttlMs(record) };
      if (!(await this.#store.compareAndSet(this.#key(id), next))) continue;
      if (identity !== undefined) await this.#index.add(id, record, this.#restMs(record));
      return { setCookies: [] };
    }
    throw new StoreError('store_contention', `a session changed ${MAX_ATTEMPTS} times under us`);
  }

  async revoke(filter: SessionFilter): Promise<number> {
    const candidates = await this.#index.find(filter);
    const gone: Gone[] = [];
    try {
      for (let i = 0; i < candidates.length; i += BATCH) {
        await allOf(candidates.slice(i, i + BATCH), async (id) => {
          const each = await this.#end(id, filter);
          if (each !== undefined) gone.push(each);
        });
      }
    } finally {
      // Also when the store failed midway: what ended has ended.
      await this.#announce(gone);
    }
    return gone.filter(({ isEnded }) => isEnded).length;
  }

  /** Removed from the index only after the announcement, so that a retry can announce again. */
  async #announce(gone: readonly Gone[]): Promise<void> {
    if (gone.length > 0) await this.#ended.announce(gone.map(({ id }) => id));
    await allOf(gone, (each) => this.#forget(each));
  }

  async #forget({ id, record }: Gone): Promise<void> {
    if (record !== undefined) await this.#index.remove(id, record);
  }

  clear(_request: RequestView): readonly Cookie[] {
    return [this.#cookie('', 0)];
  }

  renewal(_request: RequestView): readonly Cookie[] {
    return NO_COOKIES;
  }

  /** Counts an open stream as use; false when its session is over. Rejects when the store is away. */
  async keepAlive(id: string): Promise<boolean> {
    const known = this.#alive(id, await this.#store.get(this.#key(id)));
    if (known === undefined) return false;
    await this.#use.note(this.#key(id), this.#ttlMs(known.record), this.#limits().idleMs);
    return true;
  }

  #used(request: RequestView, id: string, text: string | undefined): Session | undefined {
    const known = this.#alive(id, text);
    if (known === undefined || !isOfHost(known.record, request)) return undefined;
    const used = this.#use.note(this.#key(id), this.#ttlMs(known.record), this.#limits().idleMs);
    // The answer does not depend on it: a session that could not be extended ends a little sooner.
    if (used instanceof Promise) used.catch(() => {});
    return known.session;
  }

  #alive(id: string, text: string | undefined): KnownSession | undefined {
    if (text === undefined) return undefined;
    const known = this.#read(id, text);
    return known !== undefined && this.#restMs(known.record) > 0 ? known : undefined;
  }

  #read(id: string, text: string): KnownSession | undefined {
    const cached = this.#known.get(id);
    if (cached !== undefined && cached.text === text) return cached.known;
    const known = decodeRecord(id, text);
    if (known !== undefined) this.#known.set(id, { text, known });
    return known;
  }

  /** Undefined: it is there and not meant, or not understood. */
  async #end(id: string, filter: SessionFilter): Promise<Gone | undefined> {
    const text = await this.#store.get(this.#key(id));
    if (text === undefined) return { id, isEnded: false, record: undefined };
    const record = this.#read(id, text)?.record;
    if (record === undefined || !matches(filter, record)) return undefined;
    this.#known.delete(id);
    return { id, isEnded: await this.#store.delete(this.#key(id)), record };
  }

  /** A policy that was tightened holds for sessions that are open already. */
  #restMs({ openedAtMs, endsAtMs }: SessionRecord): number {
    const end = Math.min(endsAtMs, openedAtMs + this.#limits().absoluteMs);
    return end - this.#clock.now();
  }

  #ttlMs(record: SessionRecord): number {
    return Math.min(this.#limits().idleMs, this.#restMs(record));
  }

  #key(id: string): string {
    return `session:${this.#provider}:${id}`;
  }

  #cookie(value: string, maxAgeSeconds: number): Cookie {
    return { name: this.#provider, value, maxAgeSeconds };
  }
}

/** Every one of them is tried to its end; rejects as the first that failed. */
async function allOf<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const outcomes = await Promise.allSettled(items.map(run));
  const failed = outcomes.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
