import { loadPolicySet } from '../../app/load/load-policy-set.ts';
import type { GoodSet } from '../../app/policy-tests/run-cases.ts';
import { formatIssues } from '../../policy/issues/issue-format.ts';

/** The set of a directory. Where it has errors these are told, and the exit code is the answer: 1, or 2 where it cannot be read. */
export async function loadGoodSet(directory: string): Promise<GoodSet | number> {
  const set = await loadPolicySet(directory, {
    generation: 1,
    cwd: process.cwd(),
    env: process.env,
  });
  if (set.kind === 'ok') return set;
  process.stderr.write(formatIssues(set.issues, { format: 'text' }));
  return set.readable ? 1 : 2;
}
