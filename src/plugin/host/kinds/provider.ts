import type { AuthResult, Challenge, Endpoint, EndpointRequest } from '../../contract.ts';
import type { Plugin, Reason, RequestView } from '../../contract.ts';
import type { ReadAnswer } from './endpoint-answer.ts';
import { namedReason, type ReasonCode } from '../../../telemetry/names/names.ts';

/** One provider of the policy with its plugin found and its options validated. */
export interface ProviderSettings {
  readonly name: string;
  readonly plugin: Plugin<'authenticator', unknown>;
  readonly timeoutMs: number;
  readonly options: unknown;
}

export interface ProviderStatus {
  readonly name: string;
  readonly state: 'starting' | 'ready' | 'degraded' | 'failed' | 'closed';
  /** For operators; never a credential. */
  readonly detail?: string;
}

/** Throw, timeout, malformed result, closed instance, open circuit: one outcome, never `pass`. */
export interface ProviderError {
  readonly kind: 'error';
  readonly reason: Reason;
}

/** What a guarded call gives: at once when the plugin answered at once. */
export type Guarded<T> = T | ProviderError | Promise<T | ProviderError>;

/** The exchange's signal, made only when a call has to wait: most are answered at once. */
export type SignalSource = () => AbortSignal;

/** What `auth` sees of a provider: the plugin behind its guard. Nothing here throws or rejects. */
export interface Provider {
  readonly name: string;
  authenticate(view: RequestView, signal: SignalSource): Guarded<AuthResult>;
  /** Undefined when the plugin never challenges. */
  challenge(view: RequestView, why: Reason, signal: SignalSource): Guarded<Challenge | undefined>;
  /** What is mounted below `/.fairlead/<name>/`; an error while the plugin is not there to say. */
  endpoints(): readonly Endpoint[] | ProviderError;
  serve(endpoint: Endpoint, request: EndpointRequest, signal: SignalSource): Guarded<ReadAnswer>;
}

/** The providers of one policy generation, by name. */
export type ProviderSet = ReadonlyMap<string, Provider>;

export function providerError(code: ReasonCode, detail?: string): ProviderError {
  return { kind: 'error', reason: namedReason(code, detail) };
}
