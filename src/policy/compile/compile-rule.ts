import { DEADLINES } from '../../core/deadlines.ts';
import { targetOf } from '../rules/effective-rule.ts';
import type { EffectiveRule } from '../rules/effective-rule.ts';
import { compileRedirect, compileRespond, compileRewrite } from './compile-answer.ts';
import type { AnswerFiles } from './compile-answer.ts';
import { narrowingOf } from '../rules/narrowing.ts';
import { parsePathPattern } from '../rules/path-pattern.ts';
import { DEFAULTS } from '../schema/schema.ts';
import type { PolicyDocument } from '../schema/schema.ts';
import type { AuthInput } from '../schema/schema.ts';
import type { AuthRequirement, PathForm, Rule, SourcePosition } from '../snapshot/snapshot.ts';
import type { Path } from '../source/source.ts';
import { checkedValue } from './checked-value.ts';
import { addressRules } from './compile-address-rules.ts';
import { compileCors } from './compile-cors.ts';
import { compileFieldRules } from './compile-field-rules.ts';
import { limitsOf, lowestBandwidth, ruleChecks } from './compile-limits.ts';
import { requirementsOf } from './compile-require.ts';
import { originsOf } from './origins.ts';
import { RuleValues } from './rule-values.ts';

export interface CheckedRules {
  readonly document: PolicyDocument;
  readonly answerFiles: AnswerFiles;
  readonly positionOf: (path: Path) => SourcePosition;
}

/** One rule as requests meet it. What no level says is the built-in default. */
export function compileRule(
  rule: EffectiveRule,
  { document, answerFiles, positionOf }: CheckedRules,
): Omit<Rule, 'authorizationOf'> {
  const values = new RuleValues(rule, document);
  const auth = values.last('auth');
  const lists = values.last('headers.lists');
  // `checkRoutes` reports E210 first; no rule must ever come to be without an answer to "who".
  if (auth === undefined) throw new Error(`route ${rule.route}, path ${rule.path}, has no auth`);
  const { route, path } = rule;
  const store = document.gateway?.store;
  const routeLimits = limitsOf(values.of('route', 'limits'), store);
  const pathLimits = limitsOf(values.of('path', 'limits'), store);
  return {
    route,
    path,
    pattern: checkedValue(parsePathPattern(rule.path)),
    ...narrowedBy(rule),
    ...leadingTo(rule, values, answerFiles),
    from: addressRules(values.placed('from')),
    auth: authOf(auth),
    requires: requirementsOf(values.all('require')),
    routeLimits,
    pathLimits,
    limitChecks: ruleChecks({ route, path, routeLimits, pathLimits }),
    bandwidth: lowestBandwidth(routeLimits, pathLimits),
    bodyBytes: values.last('body') ?? DEFAULTS.bodyBytes,
    websocket: values.last('websocket') ?? DEFAULTS.websocket,
    timeout: timeoutOf(values),
    identityHeaders: identityHeadersOf(values),
    ...(lists !== undefined && lists !== 'json' && { identityLists: lists }),
    ...compileFieldRules(values),
    pathForms: new Set(PATH_FORMS.filter((form) => values.last(`path.${form}`) === 'keep')),
    forwardedNames: new Set(values.last('forwardHeaders')?.map((name) => name.toLowerCase())),
    cors: compileCors(values.last('cors')),
    origins: originsOf(rule, positionOf),
    position: positionOf(['routes', rule.route, 'paths', rule.path]),
  };
}

/** `checkTargets` reports a rule without a target first. */
function leadingTo(
  rule: EffectiveRule,
  values: RuleValues,
  answerFiles: AnswerFiles,
): Pick<Rule, 'service' | 'answer' | 'rewrite'> {
  const nothing = { service: undefined, rewrite: undefined };
  switch (targetOf(rule)) {
    case 'redirect':
      return { ...nothing, answer: compileRedirect(values.last('redirect')!) };
    case 'respond':
      return { ...nothing, answer: compileRespond(values.last('respond')!, answerFiles) };
    case 'service':
    case undefined:
      return {
        service: values.last('service')!,
        answer: undefined,
        rewrite: compileRewrite(values.last('rewrite')),
      };
  }
}

function narrowedBy(rule: EffectiveRule): Pick<Rule, 'methods' | 'matchHeaders'> {
  const { methods, headers } = narrowingOf(rule);
  const matchHeaders = Array.from(headers, ([name, values]) => ({ name, values }));
  return { methods, matchHeaders: matchHeaders.length === 0 ? undefined : matchHeaders };
}

function timeoutOf(values: RuleValues): Rule['timeout'] {
  return {
    connectMs: values.last('timeout.connect') ?? DEADLINES.upstreamConnectMs,
    responseMs: values.last('timeout.response') ?? DEADLINES.upstreamResponseMs,
    idleMs: values.last('timeout.idle') ?? DEADLINES.upstreamIdleMs,
    streamIdleMs: values.last('timeout.stream') ?? DEADLINES.upstreamStreamIdleMs,
    totalMs: values.last('timeout.total'),
  };
}

const PATH_FORMS: readonly PathForm[] = ['encodedSlash', 'parameters', 'emptySegments'];

function authOf(auth: AuthInput): AuthRequirement {
  if (auth === 'public') return { kind: 'public' };
  if (typeof auth === 'string') return { kind: 'any', providers: [auth] };
  if (Array.isArray(auth)) return { kind: 'any', providers: auth };
  if (auth.optional !== undefined) return { kind: 'optional', providers: [auth.optional].flat() };
  return { kind: 'all', providers: auth.all! };
}

function identityHeadersOf(values: RuleValues): Rule['identityHeaders'] {
  return values
    .named('headers.identity')
    .map(([name, value]) => ({ name: name.toLowerCase(), value }));
}
