import { answerOf } from '../../evaluate/auth/authenticate.ts';
import type { Step } from '../../evaluate/observer.ts';
import { placedAnswers } from '../../pipeline/pipeline.ts';
import type { PolicySnapshot, Rule } from '../../policy/snapshot/snapshot.ts';
import type { ExplainedProvider } from './explanation.ts';

/** What each that was asked said, and who was not asked any more. */
export function explainedProviders(
  steps: readonly Step[],
  rule: Rule | undefined,
  snapshot: PolicySnapshot,
): readonly ExplainedProvider[] {
  const results = steps.flatMap((step) => (step.kind === 'provider' ? [step] : []));
  const said = placedAnswers(
    results.map(({ name, result }) => answerOf(name, result)),
    snapshot,
  ).map((answer, index): ExplainedProvider => {
    const { result } = results[index]!;
    if (result.kind !== 'identity') return answer;
    const { subject, issuer } = result.identity;
    return { ...answer, subject, issuer };
  });
  if (said.length === 0 || rule === undefined || rule.auth.kind === 'public') return said;
  const asked = new Set(said.map(({ provider }) => provider));
  const others = rule.auth.providers.filter((name) => !asked.has(name));
  const unasked = others.map((provider) => ({ provider, said: 'pass' as const }));
  const placed = placedAnswers(unasked, snapshot);
  return [...said, ...placed.map((each) => ({ ...each, said: 'not asked' as const }))];
}
