import type { Timer } from '../../../core/clock.ts';
import { DEADLINES } from '../../../core/deadlines.ts';
import type { PluginLife } from '../../contract.ts';
import type { Answering, Kind } from '../kinds/kind.ts';
import type { HostCapabilities } from './context.ts';
import type { PluginInstance } from './plugin-instance.ts';
import type { PluginStatus } from './settings.ts';

/** How often the log says again that the new options are not in use. */
const REMIND_MS = 60_000;

/** A provider whose new options are not in use. */
export interface KeptProvider {
  readonly provider: string;
  readonly reason: string;
  /** ISO 8601: from then on the new options count, whatever becomes of the provider. */
  readonly until: string;
}

export interface SuccessionParts<Made extends PluginLife, Calls> {
  readonly kind: Kind<Made, Calls>;
  /** It has worked, and answers until `next` does. */
  readonly before: PluginInstance<Made, Calls>;
  readonly next: PluginInstance<Made, Calls>;
  readonly capabilities: HostCapabilities;
  /** `before` is not needed any more. */
  readonly retire: (before: PluginInstance<Made, Calls>) => void;
  /** On the monotonic clock; default: `pluginKeptMs` from now. */
  readonly untilMs?: number;
}

/**
 * A provider between two instances: the one before answers until the next is proven, or until its time
 * is over. Then it is retired, and the next one answers, be it with an error.
 */
export class Succession<Made extends PluginLife, Calls> implements Answering<Made> {
  readonly name: string;
  readonly before: PluginInstance<Made, Calls>;
  readonly next: PluginInstance<Made, Calls>;
  readonly untilMs: number;
  readonly calls: Calls;
  readonly #capabilities: HostCapabilities;
  readonly #retire: SuccessionParts<Made, Calls>['retire'];
  #current: PluginInstance<Made, Calls>;
  #lookMs: number = DEADLINES.pluginRetryMinMs;
  #remindedAtMs: number;
  #timer: Timer | undefined;

  constructor({ kind, before, next, capabilities, retire, untilMs }: SuccessionParts<Made, Calls>) {
    const nowMs = capabilities.clock.monotonicMs();
    this.name = next.name;
    this.before = before;
    this.next = next;
    this.untilMs = untilMs ?? nowMs + DEADLINES.pluginKeptMs;
    this.#capabilities = capabilities;
    this.#retire = retire;
    this.#current = before;
    this.#remindedAtMs = nowMs;
    this.calls = kind.calls(this);
    this.#remind();
    this.#lookLater();
  }

  /** True once the next instance answers. */
  get isOver(): boolean {
    return this.#current === this.next;
  }

  get status(): PluginStatus {
    const { kept, name } = this;
    if (kept === undefined) return this.next.status;
    const detail = `the new options are not in use, the earlier ones are: ${kept.reason}`;
    return { name, state: 'degraded', detail };
  }

  /** Undefined once the next instance answers. */
  get kept(): KeptProvider | undefined {
    if (this.isOver) return undefined;
    const { clock } = this.#capabilities;
    const { detail, state } = this.next.status;
    const until = new Date(clock.now() + this.untilMs - clock.monotonicMs());
    return { provider: this.name, reason: detail ?? state, until: until.toISOString() };
  }

  get current(): PluginInstance<Made, Calls> {
    return this.#current;
  }

  /** Looks no more; what becomes of the instances is the caller's. Idempotent. */
  release(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #lookLater(): void {
    const leftMs = this.untilMs - this.#capabilities.clock.monotonicMs();
    const timer = this.#capabilities.clock.after(
      Math.max(0, Math.min(this.#lookMs, leftMs)),
      () => {
        void this.#look(timer);
      },
    );
    this.#timer = timer;
    this.#lookMs = Math.min(this.#lookMs * 2, DEADLINES.pluginHealthMs);
  }

  async #look(timer: Timer): Promise<void> {
    await this.next.checkHealth();
    // Released while the plugin was asked.
    if (this.#timer !== timer) return;
    const nowMs = this.#capabilities.clock.monotonicMs();
    if (this.next.isProven) return this.#end('info', 'provider was replaced: the new options work');
    if (nowMs >= this.untilMs) {
      return this.#end(
        'error',
        'provider was replaced although the new one does not work: the time limit of the old one passed',
      );
    }
    if (nowMs - this.#remindedAtMs >= REMIND_MS) this.#remind();
    this.#lookLater();
  }

  #end(level: 'info' | 'error', message: string): void {
    const { detail } = this.next.status;
    this.release();
    this.#current = this.next;
    this.#retire(this.before);
    this.#capabilities.log(this.name, level, message, detail === undefined ? {} : { detail });
  }

  #remind(): void {
    const { reason, until } = this.kept!;
    this.#remindedAtMs = this.#capabilities.clock.monotonicMs();
    this.#capabilities.log(
      this.name,
      'error',
      'provider was not replaced: its new options do not work yet, the ones before go on',
      { detail: reason, until },
    );
  }
}
