import type { Clock } from '../../core/clock.ts';
import type { PolicyIssue } from '../../policy/issues/issue.ts';
import type { LoadedSet } from '../load/load-policy-set.ts';
import { runCases } from './run-cases.ts';
import type { CaseResult } from './run-cases.ts';

/** The set, or, where one of its tests fails, a refused set with an error for each of them. */
export async function testBeforeReload(set: LoadedSet, clock: Clock): Promise<LoadedSet> {
  if (set.kind === 'errors') return set;
  const { cases, failed } = await runCases(set, clock);
  if (failed === 0) return set;
  const { catalogue, hash, texts, facts, digests, warnings } = set;
  const issues = [...cases.flatMap(issueOf), ...warnings];
  return { kind: 'errors', issues, readable: true, catalogue, hash, texts, facts, digests };
}

function issueOf({ name, position, differences }: CaseResult): PolicyIssue[] {
  if (differences.length === 0) return [];
  const what = differences.map(
    ({ key, expected, found }) => `${key}: expected ${expected}, found ${found}`,
  );
  return [
    {
      code: 'E501',
      severity: 'error',
      message: `the test "${name}" fails: ${what.join('; ')}`,
      ...position,
      path: 'tests',
      hint: '"fairlead test" runs the tests without a reload',
      excerpt: undefined,
    },
  ];
}
