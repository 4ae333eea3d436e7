import type { SourcePosition } from '../../policy/snapshot/snapshot.ts';

/** One difference between two policies, in words. */
export interface Change {
  /** `opens`: somebody may do what nobody could before. `closes`: the other way round. `changes`: neither. */
  readonly kind: 'opens' | 'closes' | 'changes';
  /** `app.example.com/admin/**`, or a key such as `tiers.free.rate`. */
  readonly where: string;
  readonly what: string;
  /** In the new policy, or in the old one where the new one has nothing there. */
  readonly position: SourcePosition;
}

/** Without its place, which the caller knows. */
export type Difference = Pick<Change, 'kind' | 'what'>;
