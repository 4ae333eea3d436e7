import type { Timer } from '../../core/clock.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import { Retirement } from '../../core/retirement.ts';
import type { PluginLife } from '../contract.ts';
import type { HostCapabilities } from './instance/context.ts';
import { PluginInstance } from './instance/plugin-instance.ts';
import { isSameValue } from '../../core/same-value.ts';
import type { PluginSettings, PluginStatus } from './instance/settings.ts';
import { mayStandIn } from './instance/stand-in.ts';
import { Succession } from './instance/succession.ts';
import type { KeptProvider } from './instance/succession.ts';
import type { Kind } from './kinds/kind.ts';

/** A request that found an instance before the reload calls it within this: authentication comes first. */
const RETIRE_GRACE_MS = 1000;

type Held<Made extends PluginLife, Calls> = PluginInstance<Made, Calls> | Succession<Made, Calls>;

/** The calls of each provider of one policy generation, by name. */
export type CallsByName<Calls> = ReadonlyMap<string, Calls>;

/**
 * Owns the instances of all plugins of one kind, over all policy generations. `start` once, then `reload` for
 * each new generation, one at a time; `close` at the end.
 */
export class PluginHost<Made extends PluginLife, Calls> {
  readonly #kind: Kind<Made, Calls>;
  readonly #capabilities: HostCapabilities;
  #held: ReadonlyMap<string, Held<Made, Calls>> = new Map();
  /** Replaced, and still asked by requests of the generation before. */
  readonly #retired: Retirement<PluginInstance<Made, Calls>>;
  #isSettled = false;
  #isClosed = false;
  #healthTimer: Timer | undefined;

  constructor(kind: Kind<Made, Calls>, capabilities: HostCapabilities) {
    this.#kind = kind;
    this.#capabilities = capabilities;
    this.#retired = new Retirement({
      clock: capabilities.clock,
      limitMs: DEADLINES.pluginRetireMs,
      graceMs: RETIRE_GRACE_MS,
    });
  }

  /** True once every first `create()` has settled, well or not: readiness waits for it. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** The providers can be asked at once, and are an `error` until they were created. */
  start(settings: readonly PluginSettings<Made>[]): {
    readonly providers: CallsByName<Calls>;
    /** Never rejects. */
    readonly settled: Promise<void>;
  } {
    const instances = settings.map((each) => this.#instanceOf(each));
    this.#held = byName(instances);
    const settled = Promise.all(instances.map((each) => each.start())).then(() => {
      this.#isSettled = true;
    });
    this.#watchHealth();
    return { providers: callsOf(this.#held), settled };
  }

  /**
   * The providers of the next generation, when each is made: the same instance where nothing changed
   * or the plugin took the new options, else a new one. A new one that is not proven stands behind the
   * one before, where that may answer for it; else it is an `error` until it was created. Never
   * rejects. Instances that are not in use any more are closed after their last call.
   */
  async reload(settings: readonly PluginSettings<Made>[]): Promise<CallsByName<Calls>> {
    const previous = this.#held;
    const next = byName(await Promise.all(settings.map((each) => this.#renew(each, previous))));
    this.#held = next;
    this.#retire([...previous.values()].filter((each) => next.get(each.name) !== each));
    // Closed meanwhile: what was made since then would never be.
    if (this.#isClosed) await this.close();
    return callsOf(next);
  }

  statuses(): readonly PluginStatus[] {
    return [...this.#held.values()].map((each) => each.status);
  }

  /** The providers whose new options are not in use, and why. */
  kept(): readonly KeptProvider[] {
    return [...this.#held.values()].flatMap((each) =>
      each instanceof Succession ? (each.kept ?? []) : [],
    );
  }

  /** Asks each plugin for its health; `statuses` then tells. */
  async checkHealth(): Promise<void> {
    const all = [...this.#held.values()].flatMap(instancesOf);
    await Promise.all(all.map((each) => each.checkHealth()));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#healthTimer?.cancel();
    for (const each of this.#held.values()) if (each instanceof Succession) each.release();
    const held = [...this.#held.values()].flatMap(instancesOf);
    await Promise.all(held.map((each) => this.#retired.close(each)));
    await this.#retired.closeAll();
  }

  /** Without asking again, what a plugin said at its start would be told for ever. */
  #watchHealth(): void {
    if (this.#isClosed) return;
    this.#healthTimer = this.#capabilities.clock.after(DEADLINES.pluginHealthMs, () => {
      void this.checkHealth().finally(() => this.#watchHealth());
    });
  }

  #retire(replaced: readonly Held<Made, Calls>[]): void {
    for (const each of replaced) if (each instanceof Succession) each.release();
    const inUse = new Set([...this.#held.values()].flatMap(instancesOf));
    const over = replaced.flatMap(instancesOf).filter((each) => !inUse.has(each));
    for (const instance of over) this.#retired.retire(instance);
  }

  async #renew(
    settings: PluginSettings<Made>,
    previous: ReadonlyMap<string, Held<Made, Calls>>,
  ): Promise<Held<Made, Calls>> {
    const held = previous.get(settings.name);
    if (held === undefined) return this.#create(settings);
    const pair = held instanceof Succession && !held.isOver ? held : undefined;
    // The options of the instance that answers are wanted back.
    if (pair !== undefined && hasSettings(pair.before, settings)) return pair.before;
    const latest = held instanceof Succession ? held.next : held;
    const outcome = await offer(latest, settings);
    if (outcome === 'taken') {
      for (const each of instancesOf(held)) each.timeoutMs = settings.timeoutMs;
      return pair !== undefined && mayStandIn(pair.before, settings) ? pair : latest;
    }
    const next = await this.#create(settings);
    // Never an instance whose reload() failed: nobody knows which options it has.
    const before = latest.isProven && outcome !== 'untrusted' ? latest : pair?.before;
    if (next.isProven || before === undefined || !mayStandIn(before, settings)) return next;
    const capabilities = this.#capabilities;
    // One reload after the other must not prolong the time of the instance that answers.
    const isSame = before === pair?.before;
    return new Succession({
      kind: this.#kind,
      before,
      next,
      capabilities,
      retire: (instance) => this.#retired.retire(instance),
      ...(isSame && { untilMs: pair.untilMs }),
    });
  }

  async #create(settings: PluginSettings<Made>): Promise<PluginInstance<Made, Calls>> {
    const instance = this.#instanceOf(settings);
    await instance.start();
    return instance;
  }

  #instanceOf(settings: PluginSettings<Made>): PluginInstance<Made, Calls> {
    return new PluginInstance(this.#kind, settings, this.#capabilities);
  }
}

async function offer<Made extends PluginLife>(
  instance: PluginInstance<Made, unknown>,
  settings: PluginSettings<Made>,
) {
  if (hasSettings(instance, settings)) return 'taken';
  // A plugin reads its files when it is created, so other files under the same options need a new instance.
  if (instance.plugin !== settings.plugin || instance.files !== settings.files) return 'restart';
  return instance.reload(settings.options);
}

function hasSettings<Made extends PluginLife>(
  instance: PluginInstance<Made, unknown>,
  settings: PluginSettings<Made>,
): boolean {
  if (instance.plugin !== settings.plugin || instance.files !== settings.files) return false;
  return isSameValue(instance.options, settings.options);
}

function instancesOf<Made extends PluginLife, Calls>(
  held: Held<Made, Calls>,
): readonly PluginInstance<Made, Calls>[] {
  return held instanceof Succession ? [held.before, held.next] : [held];
}

function byName<T extends { readonly name: string }>(held: readonly T[]): ReadonlyMap<string, T> {
  return new Map(held.map((each) => [each.name, each]));
}

function callsOf<Calls>(held: ReadonlyMap<string, { readonly calls: Calls }>): CallsByName<Calls> {
  return new Map([...held].map(([name, { calls }]) => [name, calls]));
}
