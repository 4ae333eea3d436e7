import type { ConnectionLife } from '../../core/connection-life.ts';
import type { Maybe } from '../../core/maybe.ts';
import type { Check, PlaceCheck, SpentCheck } from '../../policy/snapshot/snapshot.ts';
import type { LimitStore, Taken } from './limit-store.ts';

/**
 * Tenants that one connection is counted for: a proxy's may carry the requests of many. Beyond, the one that came first is
 * not counted there any more, until its next request.
 */
const MAX_TENANTS = 1_000;

type ConnectionCheck = PlaceCheck & { readonly connection: ConnectionLife };

interface Entry {
  readonly check: ConnectionCheck;
  /** A promise: the store was asked. */
  readonly taken: Maybe<Taken>;
}

type Entries = Map<string, Entry>;

/**
 * A store, with places of connections before it: taken by the first request of a tenant on a connection, and held until
 * that closes, whatever becomes of the request. So `undo` of such a place does nothing.
 */
export class ConnectionPlaces implements LimitStore {
  readonly #store: LimitStore;
  readonly #entries = new WeakMap<ConnectionLife, Entries>();

  constructor(store: LimitStore) {
    this.#store = store;
  }

  take(check: Check, nowMs: number): Maybe<Taken> {
    return isOfConnection(check) ? this.#enter(check, nowMs) : this.#store.take(check, nowMs);
  }

  look(check: SpentCheck, nowMs: number): Maybe<number> {
    return this.#store.look(check, nowMs);
  }

  undo(check: Check, taken: Taken): void {
    if (!isOfConnection(check)) this.#store.undo(check, taken);
  }

  #enter(check: ConnectionCheck, nowMs: number): Maybe<Taken> {
    const entries = this.#entriesOf(check.connection);
    const known = entries.get(check.key);
    if (known !== undefined) return known.taken;
    const taken = this.#store.take(check, nowMs);
    if (!(taken instanceof Promise)) return this.#settle(entries, check, taken);
    // Other streams of this connection wait for the same answer.
    const late = taken.then((answer) => this.#settle(entries, check, answer));
    entries.set(check.key, { check, taken: late });
    return late;
  }

  #settle(entries: Entries, check: ConnectionCheck, taken: Taken): Taken {
    entries.delete(check.key);
    if (!taken.isAdmitted) return taken;
    if (check.connection.isOver) {
      this.#store.undo(check, taken);
      return taken;
    }
    if (entries.size >= MAX_TENANTS) this.#leave(entries, 1);
    entries.set(check.key, { check, taken });
    return taken;
  }

  #entriesOf(connection: ConnectionLife): Entries {
    const known = this.#entries.get(connection);
    if (known !== undefined) return known;
    const entries: Entries = new Map();
    this.#entries.set(connection, entries);
    connection.onEnd(() => this.#leave(entries, entries.size));
    return entries;
  }

  /** Gives back the first `count`; those that the store is asked for are given back when it answers. */
  #leave(entries: Entries, count: number): void {
    for (const [key, { check, taken }] of [...entries].slice(0, count)) {
      entries.delete(key);
      if (!(taken instanceof Promise)) this.#store.undo(check, taken);
    }
  }
}

function isOfConnection(check: Check): check is ConnectionCheck {
  return check.kind === 'place' && check.connection !== undefined;
}
