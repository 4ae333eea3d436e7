import type { SourcePosition } from './position.ts';

export interface ProviderPolicy {
  readonly name: string;
  readonly plugin: string;
  readonly timeoutMs: number;
  /** Validated output of the plugin's own options schema; `plugin` and `timeout` taken out. */
  readonly options: unknown;
  /** Digest of the files that the options name: another one when a file has another content. */
  readonly files: string;
  readonly position: SourcePosition;
}
