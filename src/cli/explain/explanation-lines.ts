import type {
  ExplainedLimit,
  Explanation,
  FieldName,
  FieldView,
  Registration,
  WrittenValue,
} from '../../app/explain/explanation.ts';
import { providerLine, reasonLines, refusedText, tenantLines } from './decided-lines.ts';
import type { ExplainLine } from './explain-line.ts';

/** What becomes of a described request, in the order in which it is decided. */
export function explanationLines(explanation: Explanation): ExplainLine[] {
  const { providers, tenant, limits, application, response } = explanation;
  const { register, defaults = [] } = explanation;
  return [
    ...clientLines(explanation),
    ...routeLines(explanation),
    ...defaults.map(({ field, text, documented }): ExplainLine => [
      'default',
      `${field} ${text}`,
      documented,
    ]),
    ...providers.map(providerLine),
    ...register.flatMap(registerLines),
    ...tenantLines(tenant),
    ...limits.map(limitLine),
    ...fieldLines('header', application?.headers, application?.without),
    ...fieldLines('response', response?.headers, response?.without),
    ...fieldLines('unless set', response?.unlessSet),
    ['outcome', outcomeText(explanation)],
    ...reasonLines(explanation.reason),
    ...(explanation.hint === undefined ? [] : [['hint', explanation.hint] as const]),
  ];
}

function fieldLines(
  label: string,
  fields: readonly FieldView[] = [],
  without: readonly FieldName[] = [],
): ExplainLine[] {
  return [
    ...fields.map(({ name, value, at }): ExplainLine => [
      label,
      `${name}: ${value}`,
      ...placed(at),
    ]),
    ...without.map(({ name, at }): ExplainLine => [label, `without ${name}`, ...placed(at)]),
  ];
}

function placed(at: string | undefined): string[] {
  return at === undefined ? [] : [at];
}

/** Who asks, where that is not who connects. */
function clientLines({ request: { client, proxy } }: Explanation): ExplainLine[] {
  return proxy === undefined
    ? []
    : [['client', `${client}, by the word of trusted proxy ${proxy}`]];
}

function routeLines({ route }: Explanation): ExplainLine[] {
  if (route === undefined) return [];
  const { name, path, takes, at, rules } = route;
  return [['route', `${name}, path ${path} takes ${takes}`, at], ...rules.map(ruleLine)];
}

function ruleLine({ field, text, at, level }: WrittenValue): ExplainLine {
  return ['rule', `${field} ${text}`, `${at} (${level})`];
}

function registerLines({ provider, as, addresses, at = '' }: Registration): ExplainLine[] {
  return addresses.map((address) => ['register', `${provider}: ${as} ${address}`, at]);
}

/** Nobody is asked what is left now: that is of a running gateway, and `--id` tells it. */
function limitLine({ name, amount, startsWith, mode, at = '' }: ExplainedLimit): ExplainLine {
  const shadow = mode === 'shadow' ? ' (shadow: counted, not enforced)' : '';
  return ['limit', name, `${amount}, starts with ${startsWith}${shadow}`, at];
}

function outcomeText(explanation: Explanation): string {
  const { outcome, status, code, gate, sentence, location, application, route } = explanation;
  if (outcome === 'refused') return `${refusedText(status, code, gate)}: ${sentence}`;
  if (application !== undefined) {
    const { service, method, target, way } = application;
    return `forwarded to service ${service} as ${method} ${target}, by ${way}`;
  }
  if (location !== undefined) return `${status}, to ${location}`;
  if (gate === 'cors') return `204, the CORS answer of route ${route?.name}`;
  if (route !== undefined) return `${status}, the answer of route ${route.name}`;
  return `answered by the gateway's own page ${explanation.request.path}`;
}
