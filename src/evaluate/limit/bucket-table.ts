import type { RateCheck } from '../../policy/snapshot/snapshot.ts';
import type { Taken } from './limit-store.ts';
import { fullAfterTake, tokensLeft, waitMs } from '../../core/token-bucket.ts';
import { shortKey } from './short-key.ts';

/**
 * Keys at most. A million cost less than 128 MiB; at the next one an idle bucket makes room, or,
 * when all are in use, the newcomer is charged to the bucket its rule shares.
 */
const MAX_KEYS = 1_000_000;
/** Slots looked at to make room for one key: bounds the work of a flood, finds most idle slots. */
const MAX_LOOKS = 16;
/** What a bucket needs of its check. */
type Bucket = Pick<RateCheck, 'key' | 'ruleKey' | 'shape'>;
const FIRST_SLOTS = 1024;
/** Rules with an overflow bucket of their own; renamed rules of past policies count, so it is bounded. */
const MAX_OVERFLOW_RULES = 4096;

/**
 * Token buckets in memory under a fixed ceiling. Only full buckets are evicted: forgetting one changes
 * nothing, and nobody who is being limited can be forgotten by flooding the table with other keys.
 */
export class BucketTable {
  readonly #maxKeys: number;
  readonly #slots = new Map<string, number>();
  readonly #keys: string[] = [];
  /** Overflow buckets have slots below zero: `-1 - index`. One per rule and window that needed it. */
  readonly #overflowSlots = new Map<string, number>();
  readonly #overflowFullAt: number[] = [];
  #fullAt = new Float64Array(FIRST_SLOTS);
  #hand = 0;

  constructor(maxKeys = MAX_KEYS) {
    this.#maxKeys = maxKeys;
  }

  get keyCount(): number {
    return this.#slots.size;
  }

  /** Rules whose newcomers had to share a bucket since the start; above 0: the ceiling was reached. */
  get overflowCount(): number {
    return this.#overflowSlots.size;
  }

  /** Takes one token, or none when there is none. */
  take(bucket: Bucket, nowMs: number): Taken {
    const { shape } = bucket;
    const slot = this.#slotOf(bucket, nowMs);
    const before = this.#read(slot);
    const after = fullAfterTake(shape, before, nowMs);
    const wait = waitMs(shape, after, nowMs);
    if (wait > 0) return { isAdmitted: false, remaining: 0, waitMs: wait, slot };
    this.#write(slot, after);
    return { isAdmitted: true, remaining: tokensLeft(shape, after, nowMs), waitMs: 0, slot };
  }

  /** Whole tokens left. A key that is not known gets no room for being looked at. */
  look({ key, shape }: Omit<Bucket, 'ruleKey'>, nowMs: number): number {
    const slot = this.#slots.get(shortKey(key));
    return tokensLeft(shape, slot === undefined ? nowMs : this.#read(slot), nowMs);
  }

  /** Undoes one admitted `take`. */
  giveBack(bucket: Bucket, slot: number): void {
    this.#write(slot, this.#read(slot) - bucket.shape.intervalMs);
  }

  #slotOf(bucket: Bucket, nowMs: number): number {
    const key = shortKey(bucket.key);
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot = this.#keys.length < this.#maxKeys ? this.#append() : this.#evictIdle(nowMs);
    if (slot === undefined) return this.#overflowSlot(bucket.ruleKey);
    this.#slots.set(key, slot);
    this.#keys[slot] = key;
    this.#fullAt[slot] = nowMs;
    return slot;
  }

  #append(): number {
    const slot = this.#keys.length;
    if (slot === this.#fullAt.length) this.#grow();
    return slot;
  }

  #grow(): void {
    const grown = new Float64Array(Math.min(this.#fullAt.length * 2, this.#maxKeys));
    grown.set(this.#fullAt);
    this.#fullAt = grown;
  }

  /** The next idle slot under the hand, emptied; undefined when none of those looked at is idle. */
  #evictIdle(nowMs: number): number | undefined {
    for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
      const slot = this.#hand;
      this.#hand = (slot + 1) % this.#maxKeys;
      if (this.#fullAt[slot]! > nowMs) continue;
      this.#slots.delete(this.#keys[slot]!);
      return slot;
    }
    return undefined;
  }

  #overflowSlot(ruleKey: string): number {
    const known = this.#overflowSlots.get(ruleKey);
    if (known !== undefined) return known;
    if (this.#overflowSlots.size >= MAX_OVERFLOW_RULES) return -1;
    const slot = -1 - this.#overflowFullAt.length;
    this.#overflowFullAt.push(0);
    this.#overflowSlots.set(ruleKey, slot);
    return slot;
  }

  #read(slot: number): number {
    return slot < 0 ? this.#overflowFullAt[-1 - slot]! : this.#fullAt[slot]!;
  }

  #write(slot: number, fullAtMs: number): void {
    if (slot < 0) this.#overflowFullAt[-1 - slot] = fullAtMs;
    else this.#fullAt[slot] = fullAtMs;
  }
}
