import type { KeyValueStore } from '../store/key-value-store.ts';

/** Told of sessions that were ended before their time, and of moments when word may have been missed. */
export interface EndListener {
  ended(ids: readonly string[]): void;
  /** Sessions may have ended without a word: look at those that matter. */
  gap(): void;
}

const CHANNEL = 'ended';
/** Ids in one message: a message stays below 5 KiB. */
const IDS_PER_MESSAGE = 100;

/** Spreads the word that sessions have ended, over all replicas, so that their streams end too. */
export class EndedSessions {
  readonly #store: KeyValueStore;
  readonly #listeners: EndListener[] = [];

  constructor(store: KeyValueStore) {
    this.#store = store;
    store.subscribe(CHANNEL, {
      message: (text) => this.#hear(text),
      gap: () => {
        for (const listener of this.#listeners) listener.gap();
      },
    });
  }

  listen(listener: EndListener): void {
    this.#listeners.push(listener);
  }

  /** Here at once, and on the other replicas as soon as the store has passed it on. */
  async announce(ids: readonly string[]): Promise<void> {
    for (const listener of this.#listeners) listener.ended(ids);
    if (!this.#store.isShared) return;
    for (let i = 0; i < ids.length; i += IDS_PER_MESSAGE) {
      await this.#store.publish(CHANNEL, ids.slice(i, i + IDS_PER_MESSAGE).join(' '));
    }
  }

  #hear(text: string): void {
    const ids = text.split(' ');
    for (const listener of this.#listeners) listener.ended(ids);
  }
}
