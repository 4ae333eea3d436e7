import type { ConfigStatus } from '../../admin/admin-sources.ts';
import { formatIssues } from '../../policy/issues/issue-format.ts';
import type { LoadedSet } from '../load/load-policy-set.ts';

export type RefusedSet = Extract<LoadedSet, { kind: 'errors' }>;

/** Of a set that was not taken: its errors first, and a warning never in their place. */
export function refusedStatus(
  refused: RefusedSet | string,
  nowMs: number,
): NonNullable<ConfigStatus['refused']> {
  const at = new Date(nowMs).toISOString();
  if (typeof refused === 'string') return { hash: undefined, at, errors: refused };
  const { hash, issues } = refused;
  const errors = issues.filter(({ severity }) => severity === 'error');
  const warnings = issues.filter(({ severity }) => severity === 'warning');
  return { hash, at, errors: formatIssues([...errors, ...warnings], { format: 'text' }) };
}
