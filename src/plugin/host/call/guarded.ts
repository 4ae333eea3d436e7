import { namedReason, type ReasonCode } from '../../../telemetry/names/names.ts';
import type { Reason } from '../../contract.ts';

/** Throw, timeout, malformed result, closed instance, open circuit: one outcome, never `pass`. */
export interface PluginError {
  readonly kind: 'error';
  readonly reason: Reason;
}

/** What a guarded call gives: at once when the plugin answered at once. */
export type Guarded<T> = T | PluginError | Promise<T | PluginError>;

/** The exchange's signal, made only when a call has to wait: most are answered at once. */
export type SignalSource = () => AbortSignal;

export function pluginError(code: ReasonCode, detail?: string): PluginError {
  return { kind: 'error', reason: namedReason(code, detail) };
}
