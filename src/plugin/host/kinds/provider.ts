import type { Authenticator, AuthResult, Challenge, Endpoint } from '../../contract.ts';
import type { EndpointRequest, Reason, RequestView } from '../../contract.ts';
import type { Guarded, PluginError, SignalSource } from '../call/guarded.ts';
import type { PluginSettings } from '../instance/settings.ts';
import type { ReadAnswer } from './endpoint-answer.ts';

export type ProviderSettings = PluginSettings<Authenticator>;

/** What `auth` sees of a provider: the plugin behind its guard. Nothing here throws or rejects. */
export interface Provider {
  readonly name: string;
  authenticate(view: RequestView, signal: SignalSource): Guarded<AuthResult>;
  /** Undefined when the plugin never challenges. */
  challenge(view: RequestView, why: Reason, signal: SignalSource): Guarded<Challenge | undefined>;
  /** What is mounted below `/.fairlead/<name>/`; an error while the plugin is not there to say. */
  endpoints(): readonly Endpoint[] | PluginError;
  serve(endpoint: Endpoint, request: EndpointRequest, signal: SignalSource): Guarded<ReadAnswer>;
}

/** The providers of one policy generation, by name. */
export type ProviderSet = ReadonlyMap<string, Provider>;
