import type { Context } from '../../contract.ts';

/** What the host calls of a plugin itself, whatever its kind. `Plugin` of the contract satisfies it. */
export interface HostedPlugin<Made> {
  create(options: unknown, context: Context): Promise<Made>;
  mayStandIn?(before: unknown, next: unknown): boolean;
}

/** One entry of the policy with its plugin found and its options validated. */
export interface PluginSettings<Made> {
  readonly name: string;
  readonly plugin: HostedPlugin<Made>;
  /** Milliseconds that one call for a request may take. */
  readonly timeoutMs: number;
  readonly options: unknown;
  /** Digest of the files that the options name. Default: they name none. */
  readonly files?: string | undefined;
}

export interface PluginStatus {
  readonly name: string;
  readonly state: 'starting' | 'ready' | 'degraded' | 'failed' | 'closed';
  /** For operators; never a credential. */
  readonly detail?: string;
}
