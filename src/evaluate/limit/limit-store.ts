import type { Maybe } from '../../core/maybe.ts';
import type { Check, SpentCheck } from '../../policy/snapshot/snapshot.ts';

/** What a store says of one check. */
export interface Taken {
  readonly isAdmitted: boolean;
  /** Whole tokens, or places, that are left. */
  readonly remaining: number;
  /** Milliseconds until the next token; 0 when admitted, and for places: nothing tells when one is free. */
  readonly waitMs: number;
  /** Milliseconds until all of it is there again, for what is counted in windows or calendar periods. */
  readonly resetMs?: number;
  /** The store's own mark of what was charged, for `undo`. */
  readonly slot: number;
  /** The shared store was away, and this process counted by itself. */
  readonly local?: Taken;
  /** The shared store was away, and nobody counted. */
  readonly isUncounted?: true;
  /** Not admitted because the shared store is away, whatever is left. */
  readonly isAway?: true;
}

/**
 * Where limits are counted. In memory it answers at once; one that is shared by replicas or workers
 * answers with a promise on a miss. It never throws and never rejects: what counts while a store is
 * away is the store's to decide.
 */
export interface LimitStore {
  /** Takes one token or place, or none when there is none. */
  take(check: Check, nowMs: number): Maybe<Taken>;
  /** Whole tokens that are left of a rate or quota; 0 when nobody can tell. Takes nothing and keeps nothing. */
  look(check: SpentCheck, nowMs: number): Maybe<number>;
  /** Gives back what one admitted `take` took, once. Of a place: it is free again. */
  undo(check: Check, taken: Taken): void;
}
