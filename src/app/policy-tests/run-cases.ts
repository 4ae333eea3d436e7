import type { Clock } from '../../core/clock.ts';
import { describedRequest } from '../../evaluate/described-request.ts';
import type { ProviderSet } from '../../plugin/host/host.ts';
import type { PolicyTest, SourcePosition } from '../../policy/snapshot/snapshot.ts';
import type { LoadedSet } from '../load/load-policy-set.ts';
import { OfflineProviders } from '../load/offline-providers.ts';
import { Coverage } from './coverage.ts';
import type { Untested } from './coverage.ts';
import { describedProvider } from './described-providers.ts';
import { evaluateDescribed } from './described-evaluation.ts';
import type { DescribedEvaluation } from './described-evaluation.ts';
import { differences, outcomeOf } from './expectation.ts';
import type { Difference } from './expectation.ts';
import { offlineFetch } from './offline-issuer.ts';

export interface CaseResult {
  readonly name: string;
  readonly position: SourcePosition;
  /** None: the case passed. */
  readonly differences: readonly Difference[];
  readonly ms: number;
}

export interface TestRun {
  readonly cases: readonly CaseResult[];
  readonly failed: number;
  readonly untested: readonly Untested[];
}

/** A set without errors. */
export type GoodSet = Extract<LoadedSet, { kind: 'ok' }>;

/**
 * Runs the `tests:` of a set one after the other through the evaluation that live traffic gets. Reaches no network and
 * no store: providers other than those of `as` see the header fields alone. Each case begins with full limits.
 */
export async function runCases(set: GoodSet, clock: Clock): Promise<TestRun> {
  await using offline = new OfflineProviders(set, clock, offlineFetch);
  const providers = await offline.start();
  const coverage = new Coverage(set.snapshot);
  const cases: CaseResult[] = [];
  for (const policyTest of set.snapshot.tests) {
    const began = clock.monotonicMs();
    const evaluation = await evaluateCase(policyTest, set, { providers, clock });
    coverage.note(evaluation);
    cases.push({
      name: policyTest.name,
      position: policyTest.position,
      differences: differences(policyTest.expected, outcomeOf(evaluation)),
      ms: clock.monotonicMs() - began,
    });
  }
  const failed = cases.filter((each) => each.differences.length > 0).length;
  return { cases, failed, untested: coverage.untested() };
}

async function evaluateCase(
  { request, proofs }: PolicyTest,
  { snapshot }: GoodSet,
  { providers, clock }: { readonly providers: ProviderSet; readonly clock: Clock },
): Promise<DescribedEvaluation> {
  const nowMs = clock.now();
  const described = proofs.map((proof) => {
    const authenticatedAtMs = nowMs - proof.ageMs;
    return [proof.provider, describedProvider({ ...proof, authenticatedAtMs })] as const;
  });
  const facts = describedRequest({
    url: new URL(request.url),
    method: request.method,
    headers: request.headers,
    peerAddress: request.clientAddress,
    trustedProxies: snapshot.gateway.trustedProxies,
    bodyBytes: request.bodyBytes,
    nowMs,
  });
  const asked = described.length === 0 ? providers : new Map([...providers, ...described]);
  return evaluateDescribed(facts, { snapshot, providers: asked, clock });
}
