import type { Timer } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import { CallGuard } from '../call/call-guard.ts';
import { healthFault } from './check-health.ts';
import { challengeFault, resultFault } from '../kinds/check-result.ts';
import { createContext } from './context.ts';
import type { HostCapabilities } from './context.ts';
import type { Authenticator, AuthResult, Challenge } from '../../contract.ts';
import type { Endpoint, EndpointRequest } from '../../contract.ts';
import type { Plugin, Reason, RequestView } from '../../contract.ts';
import { describeThrown } from '../call/describe-thrown.ts';
import { answerFault, readAnswer } from '../kinds/endpoint-answer.ts';
import type { ReadAnswer } from '../kinds/endpoint-answer.ts';
import { providerError } from '../kinds/provider.ts';
import type { Guarded, Provider, ProviderError, SignalSource } from '../kinds/provider.ts';
import type { ProviderSettings, ProviderStatus } from '../kinds/provider.ts';
import { within } from '../call/within.ts';

/** `untrusted`: it failed on the way, and nobody knows which options it has. */
export type ReloadOutcome = 'taken' | 'restart' | 'untrusted';

/** How often a replaced instance looks whether its last call is over. */
const RETIRE_LOOK_MS = 1000;

/**
 * One instance of a plugin, from `create()` to `close()`. Until it was created, after it was closed
 * and while its circuit is open every call is an `error`. A failed `create()` is tried again with
 * back-off until it succeeds or the instance is closed.
 */
export class ProviderInstance implements Provider {
  readonly name: string;
  readonly #plugin: Plugin<'authenticator', unknown>;
  readonly #capabilities: HostCapabilities;
  readonly #guard: CallGuard;
  /** Apart from the other: what strangers send to a callback must not close the way for everybody. */
  readonly #endpointGuard: CallGuard;
  readonly #closing = new AbortController();
  #options: unknown;
  #authenticator: Authenticator | undefined;
  #failure: string | undefined;
  #health: string | undefined;
  #isProven = false;
  #retryMs: number = DEADLINES.pluginRetryMinMs;
  #timer: Timer | undefined;

  constructor(settings: ProviderSettings, capabilities: HostCapabilities) {
    this.name = settings.name;
    this.#plugin = settings.plugin;
    this.#options = settings.options;
    this.#capabilities = capabilities;
    this.#guard = new CallGuard({
      clock: capabilities.clock,
      timeoutMs: settings.timeoutMs,
      onFailure: (error, opened) => this.#noteFailure(error, opened),
    });
    this.#endpointGuard = new CallGuard({
      clock: capabilities.clock,
      timeoutMs: DEADLINES.pluginEndpointMs,
      onFailure: (error, opened) => this.#noteFailure(error, opened),
    });
  }

  get plugin(): Plugin<'authenticator', unknown> {
    return this.#plugin;
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

  get status(): ProviderStatus {
    const { name } = this;
    if (this.#closing.signal.aborted) return { name, state: 'closed' };
    if (this.#failure !== undefined) return { name, state: 'failed', detail: this.#failure };
    if (this.#authenticator === undefined) return { name, state: 'starting' };
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
      const created = Promise.resolve(this.#plugin.create(this.#options, context));
      await this.#adopt(await this.#inTime(created));
    } catch (thrown) {
      this.#failure = `create() failed: ${describeThrown(thrown)}`;
      this.#log('error', 'provider could not be created and is tried again', this.#failure);
      if (this.#closing.signal.aborted) return;
      this.#timer = clock.after(this.#retryMs, () => void this.start());
      this.#retryMs = Math.min(this.#retryMs * 2, DEADLINES.pluginRetryMaxMs);
    }
  }

  authenticate(view: RequestView, signal: SignalSource): Guarded<AuthResult> {
    const authenticator = this.#authenticator;
    if (authenticator === undefined) return this.#unavailable();
    return this.#guard.run(signal, {
      call: (call) => authenticator.authenticate(view, call),
      fault: resultFault,
    });
  }

  challenge(view: RequestView, why: Reason, signal: SignalSource): Guarded<Challenge | undefined> {
    const authenticator = this.#authenticator;
    if (authenticator === undefined) return this.#unavailable();
    if (authenticator.challenge === undefined) return undefined;
    return this.#guard.run<Challenge | undefined>(signal, {
      call: (call) => authenticator.challenge!(view, why, call),
      fault: challengeFault,
    });
  }

  endpoints(): readonly Endpoint[] | ProviderError {
    const authenticator = this.#authenticator;
    return authenticator === undefined ? this.#unavailable() : (authenticator.endpoints ?? []);
  }

  serve(endpoint: Endpoint, request: EndpointRequest, signal: SignalSource): Guarded<ReadAnswer> {
    if (this.#authenticator === undefined) return this.#unavailable();
    return this.#endpointGuard.run(signal, {
      call: async (call) => readAnswer(await endpoint.handle(request, call)),
      fault: answerFault,
    });
  }

  /** New options for the same plugin; `restart`: the plugin wants, or needs, to be created afresh. */
  async reload(options: unknown): Promise<ReloadOutcome> {
    const authenticator = this.#authenticator;
    if (authenticator?.reload === undefined) return 'restart';
    try {
      const answer = await this.#inTime(Promise.resolve(authenticator.reload(options)));
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
    const authenticator = this.#authenticator;
    if (authenticator === undefined || this.#guard.circuit.isOpen) return;
    if (authenticator.health === undefined) return this.#judgeHealth(undefined);
    const answer = await this.#guard.run(() => this.#closing.signal, {
      call: (call) => authenticator.health!(call),
      fault: healthFault,
    });
    if ('kind' in answer) this.#judgeHealth(answer.reason.detail ?? answer.reason.code);
    else this.#judgeHealth(answer.ok ? undefined : (answer.detail ?? 'not healthy'));
  }

  /** Closed after its last call, within ten seconds; until then it answers who still holds it. */
  retire(): void {
    this.#retireWithin(DEADLINES.pluginRetireMs);
  }

  /** Idempotent. Aborts what is in flight and closes the plugin; never rejects. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#timer?.cancel();
    const authenticator = this.#authenticator;
    this.#authenticator = undefined;
    this.#closing.abort(new DOMException('The provider was closed.', 'AbortError'));
    await this.#closePlugin(authenticator);
  }

  #judgeHealth(problem: string | undefined): void {
    this.#health = problem;
    if (problem === undefined) this.#isProven = true;
  }

  get #inFlight(): number {
    return this.#guard.inFlight + this.#endpointGuard.inFlight;
  }

  #retireWithin(leftMs: number): void {
    if (this.#closing.signal.aborted) return;
    this.#timer?.cancel();
    this.#timer = this.#capabilities.clock.after(RETIRE_LOOK_MS, () => {
      const restMs = leftMs - RETIRE_LOOK_MS;
      if (this.#inFlight === 0 || restMs <= 0) void this.close();
      else this.#retireWithin(restMs);
    });
  }

  async #adopt(authenticator: Authenticator): Promise<void> {
    if (typeof authenticator?.authenticate !== 'function') {
      throw new TypeError('create() gave no authenticator');
    }
    // It counts on its streams being asked again, and nothing here would ask.
    if ('revalidate' in authenticator) {
      const code = 'revalidate_not_in_this_version';
      throw Object.assign(new TypeError('revalidate is not in this version'), { code });
    }
    if (this.#closing.signal.aborted) return this.#closePlugin(authenticator);
    this.#authenticator = authenticator;
    this.#failure = undefined;
    this.#retryMs = DEADLINES.pluginRetryMinMs;
    await this.checkHealth();
  }

  /** A plugin that settles after its time was given up: what it made then is closed at once. */
  async #inTime<T>(made: Promise<T>): Promise<T> {
    try {
      return await within(this.#capabilities.clock, DEADLINES.pluginCreateMs, made);
    } catch (thrown) {
      void made.then((late) => this.#closePlugin(late as Authenticator)).catch(() => {});
      throw thrown;
    }
  }

  async #closePlugin(authenticator: Authenticator | undefined): Promise<void> {
    if (typeof authenticator?.close !== 'function') return;
    const { clock } = this.#capabilities;
    try {
      await within(clock, DEADLINES.pluginRetireMs, Promise.resolve(authenticator.close()));
    } catch (thrown) {
      this.#log('warn', 'close() of a provider failed', describeThrown(thrown));
    }
  }

  #unavailable(): ProviderError {
    if (this.#closing.signal.aborted) return providerError('plugin.closed');
    if (this.#failure !== undefined) return providerError('plugin.not_created', this.#failure);
    return providerError('plugin.starting');
  }

  #noteFailure(error: ProviderError, opened: boolean): void {
    const { code, detail = '' } = error.reason;
    this.#capabilities.count(this.name, 'plugin.failures', 1, { code });
    this.#log('error', `provider failed: ${code}`, detail);
    if (opened) this.#log('error', 'provider is not asked for a while', 'circuit open');
  }

  #log(level: 'warn' | 'error', message: string, detail: string): void {
    this.#capabilities.log(this.name, level, message, { detail });
  }
}
