import { foldFieldName } from '../../core/fields/fold-field-name.ts';
import { literalOf, parseTemplate } from '../rules/field-template.ts';
import type { PolicyDocument } from '../schema/schema.ts';
import type {
  AddedField,
  FieldRules,
  FieldSource,
  GatewayPolicy,
  Rule,
  SaidField,
} from '../snapshot/snapshot.ts';
import { checkedValue } from './checked-value.ts';
import { presetFields } from './presets.ts';
import type { RuleValues } from './rule-values.ts';

/** What a rule says of the fields of requests and responses, beside identity. */
export function compileFieldRules(
  values: RuleValues,
): Pick<Rule, 'requestFields' | 'responseFields' | 'preset'> {
  const responseFields = fieldRules(values, 'headers.response');
  const isWeb = values.last('headers.preset') === 'web';
  return {
    requestFields: fieldRules(values, 'headers.request'),
    responseFields,
    preset: isWeb ? presetFields(responseFields) : undefined,
  };
}

function fieldRules(
  values: RuleValues,
  direction: 'headers.request' | 'headers.response',
): FieldRules | undefined {
  const put = (kind: 'set' | 'add'): readonly SaidField[] =>
    values
      .named(`${direction}.${kind}`)
      .map(([name, texts]) => ({ kind, name: name.toLowerCase(), texts: [texts].flat() }));
  const removed = values
    .names(`${direction}.remove`)
    .map((name): SaidField => ({ kind: 'remove', name: name.toLowerCase(), texts: [] }));
  return rulesOf([...put('set'), ...put('add'), ...removed]);
}

/** Of `gateway.defaults` alone: for refusals that come before a rule is known. Undefined: none. */
export function defaultPreset(headers: DefaultHeaders): GatewayPolicy['preset'] {
  if (headers?.preset !== 'web') return undefined;
  const { set, remove } = headers.response ?? {};
  const texts = Object.entries(set ?? {}).flatMap(([name, value]): readonly SaidField[] =>
    value === null ? [] : [{ kind: 'set', name: name.toLowerCase(), texts: [value].flat() }],
  );
  const removed = (remove ?? []).map((name): SaidField => ({
    kind: 'remove',
    name: name.toLowerCase(),
    texts: [],
  }));
  return presetFields(rulesOf([...texts, ...removed]));
}

type DefaultHeaders = NonNullable<NonNullable<PolicyDocument['gateway']>['defaults']>['headers'];

function rulesOf(said: readonly SaidField[]): FieldRules | undefined {
  if (said.length === 0) return undefined;
  const added = said.flatMap(addedBy);
  const taken = said.filter(({ kind }) => kind !== 'add').map(({ name }) => foldFieldName(name));
  return { said, removed: new Set(taken), added, literals: literalsOf(added) };
}

function addedBy({ name, texts }: SaidField): readonly AddedField[] {
  return texts.map((text) => ({ name, template: checkedValue(parseTemplate(text)) }));
}

function literalsOf(added: readonly AddedField[]): readonly string[] | undefined {
  const fields = added.map(({ name, template }) => [name, literalOf(template)]).flat();
  return fields.every((each) => each !== undefined) ? fields : undefined;
}

/**
 * Names that tell the application who asks: a client's word under one of them is deleted on every route, as for
 * `headers.identity`. A literal and the id of the request tell nothing of the kind.
 */
export function trustedNames(rules: FieldRules | undefined): readonly string[] {
  if (rules === undefined) return [];
  const set = new Set(rules.said.flatMap(({ kind, name }) => (kind === 'set' ? name : [])));
  const told = rules.added.filter(({ name, template }) => set.has(name) && template.some(tellsWho));
  return told.map(({ name }) => name);
}

function tellsWho(part: string | FieldSource): boolean {
  return typeof part !== 'string' && part.kind !== 'request-id';
}
