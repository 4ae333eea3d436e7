import type { HeaderList } from '../../../src/core/header-list.ts';
import { fieldValues } from '../../../src/core/header-list.ts';
import type { Decision } from '../../../src/evaluate/decision.ts';

/** What a decision comes to, in words that both ways can give. */
export interface Verdict {
  readonly outcome: 'forwarded' | 'answered';
  readonly refusal: unknown;
  readonly reason: unknown;
  readonly detail: unknown;
  readonly route: unknown;
  readonly path: unknown;
  readonly provider: unknown;
  readonly subject: unknown;
  readonly tenant: unknown;
  readonly tier: unknown;
  readonly limitFields: readonly (readonly string[])[];
}

const LIMIT_FIELDS = ['ratelimit', 'ratelimit-policy', 'retry-after'];

/** From the record and the head that the client got. */
export function verdictOfRecord(
  line: Readonly<Record<string, unknown>>,
  headers: HeaderList,
  isForwarded: boolean,
): Verdict {
  return {
    outcome: isForwarded ? 'forwarded' : 'answered',
    refusal: line['refusal'],
    reason: line['reason'],
    detail: line['reason_detail'],
    route: line['route'],
    path: line['http.route'],
    provider: line['provider'],
    subject: line['subject'],
    tenant: line['tenant'],
    tier: line['tier'],
    limitFields: limitFields(headers),
  };
}

/** From what `evaluate` gave. */
export function verdictOfDecision(decision: Decision): Verdict {
  if (decision.kind === 'gone') throw new Error('nobody left');
  const refusal = decision.kind === 'refuse' ? decision.refusal : undefined;
  const isKnown = decision.kind !== 'own' && decision.kind !== 'preflight';
  const fields = 'permit' in decision ? decision.permit.fields : (refusal?.headers ?? []);
  return {
    outcome: decision.kind === 'allow' ? 'forwarded' : 'answered',
    refusal: refusal?.code,
    reason: refusal?.reason?.code,
    detail: refusal?.reason?.detail,
    route: decision.match?.rule.route,
    path: decision.match?.rule.path,
    provider: isKnown ? decision.identity?.provider : undefined,
    subject: isKnown ? decision.identity?.subject : undefined,
    tenant: isKnown ? decision.tenant?.id : undefined,
    tier: isKnown ? decision.tenant?.tier : undefined,
    limitFields: limitFields(fields),
  };
}

function limitFields(headers: HeaderList): readonly (readonly string[])[] {
  return LIMIT_FIELDS.map((name) => fieldValues(headers, name));
}
