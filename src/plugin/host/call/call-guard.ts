import type { Clock } from '../../../core/clock.ts';
import { Circuit } from './circuit.ts';
import type { Call } from '../../contract.ts';
import { describeThrown } from './describe-thrown.ts';
import { GuardedCall } from './guarded-call.ts';
import { pluginError } from './guarded.ts';
import type { Guarded, PluginError, SignalSource } from './guarded.ts';
import type { ReasonCode } from '../../../telemetry/names/names.ts';

/** Beyond this a provider is stuck rather than slow; more would only hold memory. */
export const MAX_CALLS_IN_FLIGHT = 1000;

export interface CallGuardOptions {
  readonly clock: Clock;
  /** Milliseconds one call may take. */
  readonly timeoutMs: number;
  /** Told of each failure that counts, and whether it opened the circuit. */
  readonly onFailure: (error: PluginError, opened: boolean) => void;
  /** Told when the last call in flight has settled. */
  readonly onIdle: () => void;
}

/** One call of what a plugin made: what to call and how to judge what comes back. */
export interface GuardedAction<Made, T> {
  readonly call: (made: Made, call: Call) => T | Promise<T>;
  /** Undefined when the value has the right shape, else what is wrong with it. */
  readonly fault: (value: unknown) => string | undefined;
}

type Judgement<T> = Pick<GuardedAction<never, T>, 'fault'>;

/**
 * Stands between the gateway and a plugin's code: throw, timeout and malformed value become one
 * `error`. A value stays a value; no promise, timer or signal is made unless the plugin returns a
 * promise. A call counts as in flight until the plugin settles, also after its timeout, so that a
 * plugin that hangs cannot collect more than the ceiling.
 */
export class CallGuard {
  readonly circuit: Circuit;
  readonly #clock: Clock;
  readonly #onFailure: CallGuardOptions['onFailure'];
  readonly #onIdle: () => void;
  #timeoutMs: number;
  #inFlight = 0;

  constructor(options: CallGuardOptions) {
    this.circuit = new Circuit(options.clock);
    this.#clock = options.clock;
    this.#onFailure = options.onFailure;
    this.#onIdle = options.onIdle;
    this.#timeoutMs = options.timeoutMs;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  set timeoutMs(value: number) {
    this.#timeoutMs = value;
  }

  run<Made, T>(exchange: SignalSource, made: Made, action: GuardedAction<Made, T>): Guarded<T> {
    if (this.circuit.isOpen) return pluginError('plugin.circuit_open');
    if (this.#inFlight >= MAX_CALLS_IN_FLIGHT) return pluginError('plugin.busy');
    const call = new GuardedCall(this.#clock.now() + this.#timeoutMs, exchange);
    let answer: T | Promise<T>;
    try {
      answer = action.call(made, call);
      if (!isThenable(answer)) return this.#judge(answer, action);
    } catch (thrown) {
      return this.#failed('plugin.threw', describeThrown(thrown));
    }
    return this.#settle(answer, call, { signal: exchange(), action });
  }

  #judge<T>(value: T, action: Judgement<T>): T | PluginError {
    const fault = action.fault(value);
    return fault === undefined ? value : this.#failed('plugin.malformed_result', fault);
  }

  #failed(code: ReasonCode, detail: string): PluginError {
    const error = pluginError(code, detail);
    this.#onFailure(error, this.circuit.failed());
    return error;
  }

  #settle<T>(
    answer: PromiseLike<T>,
    call: GuardedCall,
    { signal, action }: { readonly signal: AbortSignal; readonly action: Judgement<T> },
  ): Promise<T | PluginError> {
    this.#inFlight += 1;
    return new Promise((resolve) => {
      let isDecided = false;
      const decide = (outcome: () => T | PluginError): void => {
        if (isDecided) return;
        isDecided = true;
        timer.cancel();
        signal.removeEventListener('abort', gone);
        resolve(outcome());
      };
      const gone = (): void => {
        call.abort(signal.reason);
        // The client went away: nobody's fault, so the circuit does not count it.
        decide(() => pluginError('plugin.aborted'));
      };
      const timer = this.#clock.after(this.#timeoutMs, () => {
        call.abort(new DOMException('The plugin call ran out of time.', 'TimeoutError'));
        decide(() => this.#failed('plugin.timeout', `no answer within ${this.#timeoutMs} ms`));
      });
      signal.addEventListener('abort', gone, { once: true });
      if (signal.aborted) gone();
      void Promise.resolve(answer)
        .then(
          (value) => decide(() => this.#judge(value, action)),
          (thrown: unknown) => decide(() => this.#failed('plugin.threw', describeThrown(thrown))),
        )
        .finally(() => {
          this.#inFlight -= 1;
          if (this.#inFlight === 0) this.#onIdle();
        });
    });
  }
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  if (typeof value !== 'object' || value === null) return false;
  return typeof (value as { readonly then?: unknown }).then === 'function';
}
