import type { Timer } from '../core/clock.ts';
import { DEADLINES } from '../core/deadlines.ts';
import type { HostCapabilities } from './context.ts';
import type { Provider, ProviderSet } from './provider.ts';
import { ProviderInstance } from './provider-instance.ts';
import type { ProviderSettings, ProviderStatus } from './provider-instance.ts';
import { sameOptions } from './same-options.ts';

/**
 * Owns the instances of every provider, over all policy generations. `start` once, then `reload` for
 * each new generation, one at a time; `close` at the end.
 */
export class PluginHost {
  readonly #capabilities: HostCapabilities;
  #instances: ReadonlyMap<string, ProviderInstance> = new Map();
  /** Replaced, still answering who holds them. */
  #retiring: readonly ProviderInstance[] = [];
  #isSettled = false;
  #isClosed = false;
  #healthTimer: Timer | undefined;

  constructor(capabilities: HostCapabilities) {
    this.#capabilities = capabilities;
  }

  /** True once every first `create()` has settled, well or not: readiness waits for it. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** The providers can be asked at once, and are an `error` until they were created. */
  start(settings: readonly ProviderSettings[]): {
    readonly providers: ProviderSet;
    /** Never rejects. */
    readonly settled: Promise<void>;
  } {
    const instances = settings.map((each) => new ProviderInstance(each, this.#capabilities));
    this.#instances = byName(instances);
    const settled = Promise.all(instances.map((each) => each.start())).then(() => {
      this.#isSettled = true;
    });
    this.#watchHealth();
    return { providers: this.#instances, settled };
  }

  /**
   * The providers of the next generation, when each is made: the same instance where nothing changed
   * or the plugin took the new options, else a new one. Never rejects; a provider that cannot be
   * created is in the set, is an `error`, and is tried again. Instances that are not in the set any
   * more are closed after their last call.
   */
  async reload(settings: readonly ProviderSettings[]): Promise<ProviderSet> {
    const previous = this.#instances;
    const next = byName(await Promise.all(settings.map((each) => this.#renew(each, previous))));
    this.#instances = next;
    const replaced = [...previous.values()].filter((each) => next.get(each.name) !== each);
    for (const instance of replaced) instance.retire();
    const stillOpen = this.#retiring.filter((each) => each.status.state !== 'closed');
    this.#retiring = [...stillOpen, ...replaced];
    // Closed meanwhile: what was made since then would never be.
    if (this.#isClosed) await this.close();
    return next;
  }

  statuses(): readonly ProviderStatus[] {
    return [...this.#instances.values()].map((each) => each.status);
  }

  /** Asks each plugin for its health; `statuses` then tells. */
  async checkHealth(): Promise<void> {
    await Promise.all([...this.#instances.values()].map((each) => each.checkHealth()));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#healthTimer?.cancel();
    const all = [...this.#instances.values(), ...this.#retiring];
    await Promise.all(all.map((each) => each.close()));
  }

  /** Without asking again, what a plugin said at its start would be told for ever. */
  #watchHealth(): void {
    if (this.#isClosed) return;
    this.#healthTimer = this.#capabilities.clock.after(DEADLINES.pluginHealthMs, () => {
      void this.checkHealth().finally(() => this.#watchHealth());
    });
  }

  async #renew(
    settings: ProviderSettings,
    previous: ReadonlyMap<string, ProviderInstance>,
  ): Promise<ProviderInstance> {
    const instance = previous.get(settings.name);
    if (instance !== undefined && (await canStay(instance, settings))) {
      instance.timeoutMs = settings.timeoutMs;
      return instance;
    }
    const fresh = new ProviderInstance(settings, this.#capabilities);
    await fresh.start();
    return fresh;
  }
}

async function canStay(instance: ProviderInstance, settings: ProviderSettings): Promise<boolean> {
  if (instance.plugin !== settings.plugin) return false;
  if (sameOptions(instance.options, settings.options)) return true;
  return instance.reload(settings.options);
}

function byName<T extends Provider>(providers: readonly T[]): ReadonlyMap<string, T> {
  return new Map(providers.map((each) => [each.name, each]));
}
