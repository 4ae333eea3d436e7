import type { Decision } from '../../evaluate/decision.ts';
import type { Step } from '../../evaluate/observer.ts';
import type { TestExpectation } from '../../policy/snapshot/snapshot.ts';
import type { DescribedEvaluation } from './described-evaluation.ts';

/** One thing that a case named and that was otherwise. */
export interface Difference {
  readonly key: keyof TestExpectation;
  readonly expected: string;
  readonly found: string;
}

/** What came of a request, in the words that a case may expect. Undefined: there was none. */
export type Outcome = {
  readonly [Key in keyof TestExpectation]: string | number | readonly string[] | undefined;
};

/** Everything that is not as the case expects it, in the order of the keys. */
export function differences(expected: TestExpectation, found: Outcome): readonly Difference[] {
  const keys = Object.keys(expected) as (keyof TestExpectation)[];
  return keys.flatMap((key) => {
    const wanted = expected[key];
    if (wanted === undefined || shown(wanted) === shown(found[key])) return [];
    return [{ key, expected: shown(wanted), found: shown(found[key]) }];
  });
}

export function outcomeOf({ decision, steps }: DescribedEvaluation): Outcome {
  const found = foundIn(decision);
  const tenant = found.tenant ?? tenantIn(steps);
  const refusal = decision.kind === 'refuse' ? decision.refusal : undefined;
  const limits = tenant?.limits;
  return {
    outcome: wordFor(decision),
    status: statusOf(decision),
    location: decision.kind === 'redirect' ? decision.location : undefined,
    code: refusal?.code,
    reason: refusal?.reason?.code,
    route: found.match?.rule.route,
    path: found.match?.rule.path,
    service: decision.kind === 'allow' ? decision.match.rule.service : undefined,
    forwarded: decision.kind === 'allow' ? decision.match.forwardTarget : undefined,
    provider: found.identity?.provider ?? refusal?.provider,
    identity: found.identity?.subject ?? 'none',
    tenant: tenant?.id,
    tier: tenant === undefined ? undefined : (tenant.tier ?? 'none'),
    rate: limits?.rates.map(({ rate }) => rate.text),
    concurrent: limits?.concurrent,
  };
}

function wordFor(decision: Decision): string {
  if (decision.kind !== 'refuse') return decision.kind;
  return isChallenge(decision) ? 'challenge' : 'refuse';
}

/** 401, or a page load that is sent to a login. */
function isChallenge({ refusal }: Extract<Decision, { kind: 'refuse' }>): boolean {
  return CHALLENGES.has(refusal.code);
}

const CHALLENGES: ReadonlySet<string> = new Set(['authentication_required', 'step_up_required']);

function statusOf(decision: Decision): number | undefined {
  switch (decision.kind) {
    case 'refuse':
      return decision.refusal.status;
    case 'preflight':
      return 204;
    case 'redirect':
      return decision.status;
    case 'respond':
      return decision.answer.status;
    case 'allow':
    case 'own':
    case 'gone':
      return undefined;
  }
}

function foundIn(decision: Decision): Partial<Extract<Decision, { kind: 'refuse' }>> {
  switch (decision.kind) {
    case 'allow':
    case 'redirect':
    case 'respond':
    case 'refuse':
    case 'preflight':
      return decision as Partial<Extract<Decision, { kind: 'refuse' }>>;
    case 'own':
    case 'gone':
      return {};
  }
}

function tenantIn(steps: readonly Step[]) {
  return steps.find((step) => step.kind === 'tenant')?.tenant;
}

function shown(value: string | number | readonly string[] | undefined): string {
  if (value === undefined) return 'none';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
