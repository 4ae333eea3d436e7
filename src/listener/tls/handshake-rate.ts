import { LRUCache } from 'lru-cache';
import type { BucketShape } from '../../core/bucket-shape.ts';
import type { Clock } from '../../core/clock.ts';
import { addressKey } from '../../core/address-key.ts';
import { fullAfterTake, waitMs } from '../../core/token-bucket.ts';

/**
 * Addresses that are remembered. Beyond, the one that was quiet longest begins with a full bucket again: by then so many
 * others have connected, each with a bucket of its own, that this gives a flood nothing more.
 */
const MAX_ADDRESSES = 50_000;

/** TLS connections that one address (IPv6 by /64) may begin. A handshake costs a signature, whatever it asks for. */
export class HandshakeRate {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  /** When the bucket of an address is full. Made when the policy has such a limit. */
  #fullAtMs: LRUCache<string, number> | undefined;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** False: this one is too many. It spends nothing. Undefined `shape`: no limit. */
  admit(address: string, shape: BucketShape | undefined): boolean {
    if (shape === undefined) return true;
    this.#fullAtMs ??= new LRUCache({ max: MAX_ADDRESSES });
    const key = addressKey(address);
    const nowMs = this.#clock.monotonicMs();
    const fullAtMs = fullAfterTake(shape, this.#fullAtMs.get(key) ?? nowMs, nowMs);
    if (waitMs(shape, fullAtMs, nowMs) > 0) return false;
    this.#fullAtMs.set(key, fullAtMs);
    return true;
  }
}
