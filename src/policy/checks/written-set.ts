import type { PluggedProvider } from '../providers.ts';
import type { EffectiveRule } from '../rules/effective-rule.ts';
import type { MapNode } from '../source/source.ts';

/** A set as it is written. Its shape may be wrong: that is reported elsewhere, and must hide nothing here. */
export interface WrittenSet {
  readonly root: MapNode;
  /** By route; those of passthrough routes are none. */
  readonly rules: ReadonlyMap<string, readonly EffectiveRule[]>;
  readonly providers: readonly PluggedProvider[];
}
