import { ROUTER_LIMITS } from './router-limits.ts';

/** Container ids of all connections of a stand-in so far; the oldest are forgotten first. */
export class ContainerIds {
  readonly #seen = new Set<string>();

  /** False when another connection, open or earlier, came with it (router-stream-protocol.md 2). */
  isNew(containerId: string): boolean {
    if (this.#seen.has(containerId)) return false;
    this.#seen.add(containerId);
    if (this.#seen.size > ROUTER_LIMITS.rememberedContainerIds) {
      this.#seen.delete(this.#seen.values().next().value!);
    }
    return true;
  }
}
