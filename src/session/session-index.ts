import { keyTuple } from '../core/key-tuple.ts';
import type { KeyValueStore } from '../store/key-value-store.ts';
import type { SessionRecord } from './session-record.ts';

/** Whose sessions end: all members given must match. */
export interface SessionFilter {
  readonly session?: string;
  readonly subject?: string;
  readonly issuer?: string;
  readonly sid?: string;
}

/** Finds the sessions of one provider by subject, issuer and the issuer's sid. */
export class SessionIndex {
  readonly #store: KeyValueStore;
  readonly #provider: string;

  constructor(store: KeyValueStore, provider: string) {
    this.#store = store;
    this.#provider = provider;
  }

  async add(id: string, record: SessionRecord, ttlMs: number): Promise<void> {
    const { identity, sid } = record;
    const sets = [this.#set('subject', identity.subject), this.#set('issuer', identity.issuer)];
    if (sid !== undefined) sets.push(this.#set('sid', sid));
    await Promise.all(sets.map(async (set) => this.#store.addMember(set, id, ttlMs)));
  }

  async remove(id: string, { identity, sid }: SessionRecord): Promise<void> {
    const sets = [this.#set('subject', identity.subject), this.#set('issuer', identity.issuer)];
    if (sid !== undefined) sets.push(this.#set('sid', sid));
    await Promise.all(sets.map(async (set) => this.#store.removeMember(set, id)));
  }

  /** Candidates by the narrowest member of the filter; `matches` judges each. Throws on an empty one. */
  async find(filter: SessionFilter): Promise<readonly string[]> {
    if (filter.session !== undefined) return [filter.session];
    for (const name of ['sid', 'subject', 'issuer'] as const) {
      const value = filter[name];
      if (value !== undefined) return this.#store.members(this.#set(name, value));
    }
    throw new TypeError('revoke() needs at least one of session, subject, issuer, sid');
  }

  #set(by: 'subject' | 'issuer' | 'sid', value: string): string {
    return `index:${keyTuple(this.#provider, by, value)}`;
  }
}

export function matches(filter: SessionFilter, { identity, sid }: SessionRecord): boolean {
  if (filter.subject !== undefined && filter.subject !== identity.subject) return false;
  if (filter.issuer !== undefined && filter.issuer !== identity.issuer) return false;
  return filter.sid === undefined || filter.sid === sid;
}
