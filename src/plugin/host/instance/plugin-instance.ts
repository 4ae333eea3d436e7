import type { Timer } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import type { Retiree } from '../../../core/retirement.ts';
import type { PluginLife } from '../../contract.ts';
import { CallGuard } from '../call/call-guard.ts';
import type { GuardedAction } from '../call/call-guard.ts';
import { describeThrown } from '../call/describe-thrown.ts';
import { pluginError } from '../call/guarded.ts';
import type { Guarded, PluginError, SignalSource } from '../call/guarded.ts';
import { within } from '../call/within.ts';
import type { Answering, Callable, Kind } from '../kinds/kind.ts';
import { healthFault } from './check-health.ts';
import { createContext } from './context.ts';
import type { HostCapabilities } from './context.ts';
import type { HostedPlugin, PluginSettings, PluginStatus } from './settings.ts';

/** `untrusted`: it failed on the way, and nobody knows which options it has. */
export type ReloadOutcome = 'taken' | 'restart' | 'untrusted';

/**
 * One instance of a plugin of any kind, from `create()` to `close()`; its `calls` are the kind's. Until it was
 * created, after it was closed and while its circuit is open every call is an `error`. A failed `create()` is tried
 * again with back-off until it succeeds or the instance is closed.
 */
export class PluginInstance<Made extends PluginLife, Calls>
  implements Answering<Made>, Callable<Made>, Retiree
{
  readonly name: string;
  readonly plugin: HostedPlugin<Made>;
  readonly calls: Calls;
  readonly #kind: Kind<Made, Calls>;
  readonly #capabilities: HostCapabilities;
  readonly #guard: CallGuard;
  readonly #guardApart: CallGuard;
  readonly #closing = new AbortController();
  #options: unknown;
  /** Digest of the files that the options name. */
  readonly files: string | undefined;
  #made: Made | undefined;
  #failure: string | undefined;
  #health: string | undefined;
  #isProven = false;
  #retryMs: number = DEADLINES.pluginRetryMinMs;
  #timer: Timer | undefined;
  /** Of an instance that was replaced. */
  #over: (() => void) | undefined;

  constructor(
    kind: Kind<Made, Calls>,
    settings: PluginSettings<Made>,
    capabilities: HostCapabilities,
  ) {
    this.name = settings.name;
    this.plugin = settings.plugin;
    this.#kind = kind;
    this.#options = settings.options;
    this.files = settings.files;
    this.#capabilities = capabilities;
    this.#guard = this.#createGuard(settings.timeoutMs);
    this.#guardApart = this.#createGuard(DEADLINES.pluginEndpointMs);
    this.calls = kind.calls(this);
  }

  get current(): this {
    return this;
  }

  get options(): unknown {
    return this.#options;
  }

  /** Created, and well at least once: by its `health()`, or by being created where it has none. */
  get isProven(): boolean {
    return this.#isProven;
  }

  set timeoutMs(value: number) {
    this.#guard.timeoutMs = value;
  }

  get status(): PluginStatus {
    const { name } = this;
    if (this.#closing.signal.aborted) return { name, state: 'closed' };
    if (this.#failure !== undefined) return { name, state: 'failed', detail: this.#failure };
    if (this.#made === undefined) return { name, state: 'starting' };
    if (this.#guard.circuit.isOpen) return { name, state: 'degraded', detail: 'circuit open' };
    return this.#health === undefined
      ? { name, state: 'ready' }
      : { name, state: 'degraded', detail: this.#health };
  }

  /** Resolves, never rejects, when the first `create()` has settled one way or the other. */
  async start(): Promise<void> {
    const { clock } = this.#capabilities;
    try {
      const context = createContext(this.name, this.#capabilities, this.#closing.signal);
      const created = Promise.resolve(this.plugin.create(this.#options, context));
      await this.#adopt(await this.#inTime(created));
    } catch (thrown) {
      this.#failure = `create() failed: ${describeThrown(thrown)}`;
      this.#log('error', 'provider could not be created and is tried again', this.#failure);
      if (this.#closing.signal.aborted) return;
      this.#timer = clock.after(this.#retryMs, () => void this.start());
      this.#retryMs = Math.min(this.#retryMs * 2, DEADLINES.pluginRetryMaxMs);
    }
  }

  get made(): Made | undefined {
    return this.#made;
  }

  get absence(): PluginError {
    if (this.#closing.signal.aborted) return pluginError('plugin.closed');
    if (this.#failure !== undefined) return pluginError('plugin.not_created', this.#failure);
    return pluginError('plugin.starting');
  }

  ask<T>(signal: SignalSource, action: GuardedAction<Made, T>): Guarded<T> {
    const made = this.#made;
    return made === undefined ? this.absence : this.#guard.run(signal, made, action);
  }

  askApart<T>(signal: SignalSource, action: GuardedAction<Made, T>): Guarded<T> {
    const made = this.#made;
    return made === undefined ? this.absence : this.#guardApart.run(signal, made, action);
  }

  /** New options for the same plugin; `restart`: the plugin wants, or needs, to be created afresh. */
  async reload(options: unknown): Promise<ReloadOutcome> {
    const made = this.#made;
    if (made?.reload === undefined) return 'restart';
    try {
      const answer = await this.#inTime(Promise.resolve(made.reload(options)));
      if (answer === 'restart') return 'restart';
      this.#options = options;
      return 'taken';
    } catch (thrown) {
      this.#log('error', 'reload() failed; the provider starts afresh', describeThrown(thrown));
      return 'untrusted';
    }
  }

  /** Asks the plugin how it is; keeps the answer for `status`. Never rejects. */
  async checkHealth(): Promise<void> {
    const made = this.#made;
    if (made === undefined || this.#guard.circuit.isOpen) return;
    if (made.health === undefined) return this.#judgeHealth(undefined);
    const answer = await this.#guard.run(() => this.#closing.signal, made, {
      call: (instance, call) => instance.health!(call),
      fault: healthFault,
    });
    if ('kind' in answer) this.#judgeHealth(answer.reason.detail ?? answer.reason.code);
    else this.#judgeHealth(answer.ok ? undefined : (answer.detail ?? 'not healthy'));
  }

  /** Until it is closed it answers requests of the generation before. */
  retire(over: () => void): void {
    this.#timer?.cancel();
    this.#over = over;
    this.#callEnded();
  }

  /** Idempotent. Aborts what is in flight and closes the plugin; never rejects. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#timer?.cancel();
    const made = this.#made;
    this.#made = undefined;
    this.#closing.abort(new DOMException('The provider was closed.', 'AbortError'));
    await this.#closePlugin(made);
  }

  #judgeHealth(problem: string | undefined): void {
    this.#health = problem;
    if (problem === undefined) this.#isProven = true;
  }

  get #inFlight(): number {
    return this.#guard.inFlight + this.#guardApart.inFlight;
  }

  #callEnded(): void {
    if (this.#inFlight === 0) this.#over?.();
  }

  async #adopt(made: Made): Promise<void> {
    this.#kind.check(made);
    if (this.#closing.signal.aborted) return this.#closePlugin(made);
    this.#made = made;
    this.#failure = undefined;
    this.#retryMs = DEADLINES.pluginRetryMinMs;
    await this.checkHealth();
  }

  /** A plugin that settles after its time was given up: what it made then is closed at once. */
  async #inTime<T>(made: Promise<T>): Promise<T> {
    try {
      return await within(this.#capabilities.clock, DEADLINES.pluginCreateMs, made);
    } catch (thrown) {
      void made.then((late) => this.#closePlugin(late as PluginLife)).catch(() => {});
      throw thrown;
    }
  }

  async #closePlugin(made: PluginLife | undefined): Promise<void> {
    if (typeof made?.close !== 'function') return;
    const { clock } = this.#capabilities;
    try {
      await within(clock, DEADLINES.pluginRetireMs, Promise.resolve(made.close()));
    } catch (thrown) {
      this.#log('warn', 'close() of a provider failed', describeThrown(thrown));
    }
  }

  #createGuard(timeoutMs: number): CallGuard {
    return new CallGuard({
      clock: this.#capabilities.clock,
      timeoutMs,
      onFailure: (error, opened) => this.#noteFailure(error, opened),
      onIdle: () => this.#callEnded(),
    });
  }

  #noteFailure(error: PluginError, opened: boolean): void {
    const { code, detail = '' } = error.reason;
    this.#capabilities.count(this.name, 'plugin.failures', 1, { code });
    this.#log('error', `provider failed: ${code}`, detail);
    if (opened) this.#log('error', 'provider is not asked for a while', 'circuit open');
  }

  #log(level: 'warn' | 'error', message: string, detail: string): void {
    this.#capabilities.log(this.name, level, message, { detail });
  }
}
