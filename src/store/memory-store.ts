import type { Clock } from '../core/clock.ts';
import { StoreError } from './key-value-store.ts';
import type { Change, KeyValueStore, SetOptions, Subscriber } from './key-value-store.ts';
import { MemoryEntries } from './memory-entries.ts';
import type { Quota } from './memory-entries.ts';

/** Sessions, leases: sessions of 64 KiB each fit four thousand times, small ones a hundred thousand. */
const CORE_QUOTA: Quota = { entries: 100_000, characters: 256 * 1024 * 1024 };
/**
 * What logins can fill from outside must not take the room of those who are logged in: of each plugin,
 * and of each kind of its keys. Seventy-five logins a second leave one mark each for eleven minutes.
 */
const PLUGIN_QUOTA: Quota = { entries: 50_000, characters: 16 * 1024 * 1024 };
/** Kinds with room of their own; a plugin that has more shares the rest among them. */
const MAX_KINDS = 8;
/** A plugin's key as `ProviderStore` writes it, `plugin.corp:10:spent.x6Jk`: its kind ends at the first dot. */
const KIND = /^[^:]*:\d+:([a-z-]{1,20})\./;
/** Session ids by subject, issuer and sid: three for each session. */
const MEMBER_QUOTA: Quota = { entries: 300_000, characters: 128 * 1024 * 1024 };

/** Keys that begin with this belong to a plugin, whose quotas are its own. */
export const PLUGIN_NAMESPACE = 'plugin.';

/**
 * The store of one process. Bounded per namespace (what stands before the first `:`, and the kind of a
 * plugin's key), and full means refused: dropping an entry to make room would let a used login attempt
 * look new again, or log somebody out. Expired entries go lazily, a few with each write.
 */
export class MemoryStore implements KeyValueStore {
  readonly isShared: boolean = false;
  readonly #clock: Clock;
  readonly #namespaces = new Map<string, MemoryEntries>();
  /** Of each plugin, those that were seen first. */
  readonly #kinds = new Map<string, Set<string>>();
  readonly #sets: MemoryEntries;
  readonly #membersOf = new Map<string, Set<string>>();
  readonly #subscribers = new Map<string, Subscriber[]>();
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sets = new MemoryEntries(clock, MEMBER_QUOTA, (key, set) => this.#forget(set, key));
  }

  get isReady(): boolean {
    return !this.#isClosed;
  }

  get(key: string): string | undefined {
    return this.#of(key).get(key);
  }

  set(key: string, value: string, options: SetOptions): boolean {
    const entries = this.#of(key);
    if (options.ifAbsent === true && entries.get(key) !== undefined) return false;
    entries.set(key, value, options.ttlMs);
    return true;
  }

  compareAndSet(key: string, { expected, value, ttlMs }: Change): boolean {
    const entries = this.#of(key);
    if (entries.get(key) !== expected) return false;
    entries.set(key, value, ttlMs);
    return true;
  }

  extend(key: string, ttlMs: number): boolean {
    return this.#of(key).extend(key, ttlMs);
  }

  delete(key: string, expected?: string): boolean {
    const entries = this.#of(key);
    const value = entries.get(key);
    if (value === undefined || (expected !== undefined && value !== expected)) return false;
    entries.delete(key);
    return true;
  }

  addMember(set: string, member: string, ttlMs: number): void {
    this.#demandOpen();
    this.#sets.set(memberKey(set, member), set, ttlMs);
    const members = this.#membersOf.get(set);
    if (members === undefined) this.#membersOf.set(set, new Set([member]));
    else members.add(member);
  }

  removeMember(set: string, member: string): void {
    this.#demandOpen();
    this.#sets.delete(memberKey(set, member));
  }

  members(set: string): readonly string[] {
    this.#demandOpen();
    const members = [...(this.#membersOf.get(set) ?? [])];
    return members.filter((member) => this.#sets.get(memberKey(set, member)) !== undefined);
  }

  publish(channel: string, message: string): void {
    this.#demandOpen();
    for (const subscriber of this.#subscribers.get(channel) ?? []) subscriber.message(message);
  }

  subscribe(channel: string, subscriber: Subscriber): void {
    const others = this.#subscribers.get(channel) ?? [];
    this.#subscribers.set(channel, [...others, subscriber]);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #of(key: string): MemoryEntries {
    this.#demandOpen();
    const namespace = this.#namespaceOf(key);
    let entries = this.#namespaces.get(namespace);
    if (entries === undefined) {
      const quota = namespace.startsWith(PLUGIN_NAMESPACE) ? PLUGIN_QUOTA : CORE_QUOTA;
      entries = new MemoryEntries(this.#clock, quota);
      this.#namespaces.set(namespace, entries);
    }
    return entries;
  }

  #namespaceOf(key: string): string {
    const owner = key.slice(0, Math.max(0, key.indexOf(':')));
    const kind = owner.startsWith(PLUGIN_NAMESPACE) ? KIND.exec(key)?.[1] : undefined;
    if (kind === undefined) return owner;
    const kinds = this.#kinds.get(owner) ?? new Set();
    if (!kinds.has(kind) && kinds.size >= MAX_KINDS) return owner;
    this.#kinds.set(owner, kinds.add(kind));
    return `${owner}:${kind}`;
  }

  #forget(set: string, key: string): void {
    const members = this.#membersOf.get(set);
    members?.delete(key.slice(memberKey(set, '').length));
    if (members?.size === 0) this.#membersOf.delete(set);
  }

  #demandOpen(): void {
    if (this.#isClosed) throw new StoreError('store_unavailable', 'the store is closed');
  }
}

function memberKey(set: string, member: string): string {
  return `${set} ${member}`;
}
