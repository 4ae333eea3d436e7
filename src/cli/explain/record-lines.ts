import type { LimitLeft } from '../../core/refusal.ts';
import type { DecisionRecord } from '../../record/record.ts';
import { providerLine, reasonLines, refusedText, tenantLines } from './decided-lines.ts';
import type { ExplainLine } from './explain-line.ts';

/** A decision of live traffic, in the lines that a described request gets. */
export function recordLines(record: DecisionRecord): ExplainLine[] {
  const { request, limits, tenant } = record;
  const { method = '?', host = '?', path = '?', version = '?', client } = request;
  return [
    ['request', `${method} ${host}${path}, HTTP/${version} from ${client}`, record.time],
    ...routeLines(record),
    ...providerLines(record),
    ...tenantLines(tenant),
    ...limits.map(limitLine),
    ['outcome', outcomeOf(record)],
    ...reasonLines(record.reason),
  ];
}

function routeLines({ route }: DecisionRecord): ExplainLine[] {
  if (route === undefined) return [];
  return [
    ['route', `${route.name}, path ${route.path} to service ${route.service}`, route.at],
    ...route.rules.map(({ field, text, at }): ExplainLine => ['rule', `${field} ${text}`, at]),
  ];
}

/** A record keeps one identity: that of the provider that found it. */
function providerLines({ providers, identity }: DecisionRecord): ExplainLine[] {
  return providers.map((answer) => {
    if (answer.provider !== identity?.provider) return providerLine(answer);
    return providerLine({ ...answer, subject: identity.subject, issuer: identity.issuer });
  });
}

function limitLine({ name, amount, left, waitMs }: LimitLeft): ExplainLine {
  const wait = waitMs > 0 ? `, the next in ${Math.ceil(waitMs / 1000)} s` : '';
  return ['limit', name, `${amount}: ${left} left${wait}`];
}

function outcomeOf({ outcome, status, code, gate, route }: DecisionRecord): string {
  switch (outcome) {
    case 'allowed':
      return `forwarded to service ${route?.service ?? '?'}`;
    case 'answered':
      return `answered by the gateway itself at ${gate}`;
    case 'refused':
      return refusedText(status, code, gate);
  }
}
