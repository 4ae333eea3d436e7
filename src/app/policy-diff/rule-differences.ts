import { hash } from 'node:crypto';
import { byteRateText } from '../../policy/schema/schema.ts';
import { claimPathText } from '../../policy/rules/claim-path.ts';
import type {
  CorsPolicy,
  FieldRules,
  Limits,
  Rule,
  SaidField,
} from '../../policy/snapshot/snapshot.ts';
import { answerWords, rewriteWords } from '../../evaluate/route/words.ts';
import { accessDifferences } from './access.ts';
import { ruleAddressDifferences } from './address-differences.ts';
import type { Difference } from './change.ts';

/** Everything that differs between the rules of one place. */
export function ruleDifferences(before: Rule, after: Rule): readonly Difference[] {
  return [
    ...accessDifferences(before, after),
    ...ruleAddressDifferences(before.from, after.from),
    ...corsDifferences(before.cors, after.cors),
    ...setDifferences('the form of path', before.pathForms, after.pathForms),
    ...setDifferences('the field', before.forwardedNames, after.forwardedNames),
    // The other way round: what is no longer removed comes through.
    ...setDifferences('the field', removedNames(after), removedNames(before)),
    ...websocketDifference(before, after),
    ...valueDifferences(before, after),
  ];
}

/** What a client sends and the application does not get. */
function removedNames({ requestFields }: Rule): ReadonlySet<string> {
  const removed = requestFields?.said.filter(({ kind }) => kind === 'remove') ?? [];
  return new Set(removed.map(({ name }) => name));
}

function websocketDifference(before: Rule, after: Rule): readonly Difference[] {
  if (before.websocket === after.websocket) return [];
  if (after.websocket) return [{ kind: 'opens', what: 'takes WebSocket' }];
  return [{ kind: 'closes', what: 'no longer takes WebSocket' }];
}

/** What was refused or removed before and goes on now, and the other way round. */
function setDifferences(
  noun: string,
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
): readonly Difference[] {
  return [
    ...[...after]
      .filter((each) => !before.has(each))
      .map((each): Difference => ({
        kind: 'opens',
        what: `lets ${noun} ${each} pass`,
      })),
    ...[...before]
      .filter((each) => !after.has(each))
      .map((each): Difference => ({
        kind: 'closes',
        what: `no longer lets ${noun} ${each} pass`,
      })),
  ];
}

const NO_SITES: CorsPolicy = {
  origins: new Set(),
  methods: [],
  headers: [],
  credentials: false,
  maxAgeMs: 0,
};

function corsDifferences(before = NO_SITES, after = NO_SITES): readonly Difference[] {
  const credentials: readonly Difference[] =
    before.credentials === after.credentials
      ? []
      : [
          after.credentials
            ? { kind: 'opens', what: 'scripts of other sites may use the login of the person' }
            : {
                kind: 'closes',
                what: 'scripts of other sites no longer use the login of the person',
              },
        ];
  return [
    ...setDifferences('scripts of', before.origins, after.origins),
    ...setDifferences('the CORS method', new Set(before.methods), new Set(after.methods)),
    ...setDifferences('the CORS header', new Set(before.headers), new Set(after.headers)),
    ...credentials,
  ];
}

/** Values that are not about who may pass. */
function valueDifferences(before: Rule, after: Rule): readonly Difference[] {
  const old = valuesOf(before);
  return Object.entries(valuesOf(after)).flatMap(([name, value]): readonly Difference[] =>
    value === old[name]
      ? []
      : [{ kind: 'changes', what: `${name}: ${value}, before: ${old[name]}` }],
  );
}

function valuesOf(rule: Rule): Readonly<Record<string, string>> {
  return {
    service: rule.service ?? 'none',
    answer: answerWords(rule.answer),
    'body of the answer': bodyWords(rule.answer),
    'path for the service': rewriteWords(rule.rewrite),
    'limits of the route': limitsText(rule.routeLimits),
    'limits of the path': limitsText(rule.pathLimits),
    body: `${rule.bodyBytes} octets`,
    'timeout.connect': `${rule.timeout.connectMs} ms`,
    'timeout.response': `${rule.timeout.responseMs} ms`,
    'timeout.idle': `${rule.timeout.idleMs} ms`,
    'timeout.stream': `${rule.timeout.streamIdleMs} ms`,
    'timeout.total': rule.timeout.totalMs === undefined ? 'none' : `${rule.timeout.totalMs} ms`,
    'headers.lists': rule.identityLists ?? 'json',
    'identity headers':
      rule.identityHeaders
        .map(({ name, value }) => `${name} from ${claimPathText(value)}`)
        .join(', ') || 'none',
    'fields for the application': fieldWords(putFields(rule.requestFields)),
    'fields for the client': fieldWords(rule.responseFields?.said),
    'headers.preset': rule.preset === undefined ? 'off' : `web (${presetNames(rule.preset)})`,
  };
}

/** What is removed is told name by name above. */
function putFields(rules: FieldRules | undefined): readonly SaidField[] | undefined {
  return rules?.said.filter(({ kind }) => kind !== 'remove');
}

function fieldWords(said: readonly SaidField[] = []): string {
  const words = said.map(({ kind, name, texts }) =>
    kind === 'remove' ? `no ${name}` : `${kind} ${name}: ${texts.join(' | ')}`,
  );
  return words.join(', ') || 'as they come';
}

function presetNames(preset: readonly string[]): string {
  return preset.filter((_, index) => index % 2 === 0).join(', ');
}

/** The beginning of a digest tells two bodies of one length apart. */
function bodyWords(answer: Rule['answer']): string {
  if (answer?.kind !== 'respond' || answer.body.length === 0) return 'none';
  return `${answer.body.length} octets (sha256 ${hash('sha256', answer.body, 'hex').slice(0, 8)})`;
}

function limitsText(limits: Limits | undefined): string {
  if (limits === undefined) return 'none';
  const { rates, quota, concurrent, bandwidth, mode } = limits;
  const parts = [
    ...rates.map(({ rate, capacity }) =>
      capacity === rate.amount ? rate.text : `${rate.text}, burst ${capacity}`,
    ),
    ...(quota === undefined ? [] : [quota.text]),
    ...(concurrent === undefined ? [] : [`${concurrent} at the same time`]),
    ...(bandwidth === undefined ? [] : [`${byteRateText(bandwidth)} each way`]),
    ...(mode === 'shadow' ? ['shadow'] : []),
  ];
  return parts.join(', ');
}
