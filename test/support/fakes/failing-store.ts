import { StoreError } from '../../../src/store/key-value-store.ts';
import type { SetOptions } from '../../../src/store/key-value-store.ts';
import { MemoryStore } from '../../../src/store/memory-store.ts';

export type Operation = 'get' | 'set' | 'delete' | 'removeMember' | 'publish';

/** A store that replicas share as they share Redis, and that is away whenever a test says so. */
export class FailingStore extends MemoryStore {
  override readonly isShared = true;
  /** Whether this operation on this key, set or channel fails. */
  fails: (operation: Operation, key: string) => boolean = () => false;

  override get(key: string): string | undefined {
    this.#check('get', key);
    return super.get(key);
  }

  override set(key: string, value: string, options: SetOptions): boolean {
    this.#check('set', key);
    return super.set(key, value, options);
  }

  override delete(key: string, expected?: string): boolean {
    this.#check('delete', key);
    return super.delete(key, expected);
  }

  override removeMember(set: string, member: string): void {
    this.#check('removeMember', set);
    super.removeMember(set, member);
  }

  override publish(channel: string, message: string): void {
    this.#check('publish', channel);
    super.publish(channel, message);
  }

  #check(operation: Operation, key: string): void {
    if (this.fails(operation, key)) throw new StoreError('store_unavailable', 'it is away');
  }
}
