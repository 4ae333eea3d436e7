import { keyTuple } from '../core/key-tuple.ts';
import type { KeyValueStore } from './key-value-store.ts';
import { PLUGIN_NAMESPACE } from './memory-store.ts';

/** `Context.store` of the plugin contract: a plugin's own keys, which no other provider sees. */
export class ProviderStore {
  readonly #store: KeyValueStore;
  readonly #namespace: string;

  constructor(store: KeyValueStore, provider: string) {
    this.#store = store;
    this.#namespace = `${PLUGIN_NAMESPACE}${provider}:`;
  }

  async get(key: string): Promise<string | undefined> {
    return this.#store.get(this.#key(key));
  }

  /** False when `ifAbsent` and the key is there. Rejects when the store is full or away. */
  async set(
    key: string,
    value: string,
    options: { readonly ttlMs: number; readonly ifAbsent?: boolean },
  ): Promise<boolean> {
    return this.#store.set(this.#key(key), value, options);
  }

  async delete(key: string): Promise<void> {
    await this.#store.delete(this.#key(key));
  }

  #key(key: string): string {
    return this.#namespace + keyTuple(key);
  }
}
