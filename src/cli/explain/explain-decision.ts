import type { RequestFacts } from '../../core/message.ts';
import type { Decision } from '../../evaluate/decision.ts';
import type { Step } from '../../evaluate/observer.ts';
import type { Check } from '../../policy/snapshot/snapshot.ts';
import { fieldPairs } from '../../core/header-list.ts';
import type { ExplainLine } from './explain-line.ts';
import { originLines, placeOf } from './explain-origins.ts';

/** Who asks, where that is not who connects. */
export function clientLines({ clientAddress, connection }: RequestFacts): ExplainLine[] {
  if (clientAddress === connection.remoteAddress) return [];
  return [['client', `${clientAddress}, by the word of trusted proxy ${connection.remoteAddress}`]];
}

/** The line that explains one step of the evaluation. */
export function stepLine(step: Step): ExplainLine[] {
  switch (step.kind) {
    case 'route': {
      const { rule, path } = step.match;
      const where = placeOf(rule.position);
      return [
        ['route', `${rule.route}, path ${rule.path} takes ${path}`, where],
        ...originLines(rule),
      ];
    }
    case 'provider':
      return [['provider', `${step.name}: ${answerOf(step.result)}`]];
    case 'tenant': {
      const { id, kind, tier, limitsName } = step.tenant;
      const limits = step.tenant.limits === undefined ? 'no limits' : `limits of ${limitsName}`;
      const of = kind === 'address' ? 'by client address' : `by ${kind}`;
      return [
        ['tenant', `${id} (${of}), ${tier === undefined ? 'no tier' : `tier ${tier}`}, ${limits}`],
      ];
    }
    case 'limits':
      return step.checks.map((check) => ['limit', check.name, amountOf(check)]);
  }
}

/** The outcome, and why. */
export function decisionLines(decision: Decision): ExplainLine[] {
  switch (decision.kind) {
    case 'allow':
      return [
        ...fieldPairs(decision.requestFields).map(([name, value]): ExplainLine => [
          'header',
          `${name}: ${value}`,
        ]),
        [
          'outcome',
          `forwarded to service ${decision.match.rule.service} as ${decision.match.forwardTarget}`,
        ],
      ];
    case 'redirect':
      return [['outcome', `${decision.status}, to ${decision.location}`]];
    case 'respond':
      return [
        ['outcome', `${decision.answer.status}, the answer of route ${decision.match.rule.route}`],
      ];
    case 'refuse': {
      const { refusal, gate } = decision;
      const { code, status, sentence, reason } = refusal;
      const why: ExplainLine[] = reason === undefined ? [] : [['reason', reasonText(reason)]];
      return [['outcome', `${status} ${code} at gate ${gate}: ${sentence}`], ...why];
    }
    case 'own':
      return [['outcome', `answered by the gateway's own page ${decision.match.path}`]];
    case 'preflight':
      return [['outcome', `204, the CORS answer of route ${decision.match.rule.route}`]];
    case 'gone':
      return [['outcome', 'nobody waited for the decision']];
  }
}

function answerOf(result: Extract<Step, { kind: 'provider' }>['result']): string {
  switch (result.kind) {
    case 'identity':
      return `identity ${result.identity.subject}, issuer ${result.identity.issuer}`;
    case 'pass':
      return 'no credential of its kind';
    case 'challenge':
      return `asks for a login, ${reasonText(result.reason)}`;
    case 'deny':
      return `denied with ${result.status}, ${reasonText(result.reason)}`;
    case 'error':
      return `failed, ${reasonText(result.reason)}`;
  }
}

function reasonText({ code, detail }: { readonly code: string; readonly detail?: string }): string {
  return detail === undefined ? code : `${code}: ${detail}`;
}

function amountOf(check: Check): string {
  const shadow = check.mode === 'shadow' ? ' (shadow: counted, not enforced)' : '';
  if (check.kind === 'place') return `${check.most} at the same time${shadow}`;
  const { rate, capacity } = check.shape;
  const burst = capacity === rate.amount ? '' : `, burst ${capacity}`;
  return `${rate.text}${burst}${shadow}`;
}
