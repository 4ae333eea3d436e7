import assert from 'node:assert/strict';
import { parse as parseQuery } from 'node:querystring';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Json } from '../../../../src/core/identity.ts';
import type { HeaderList } from '../../../../src/core/header-list.ts';
import { fieldPairs } from '../../../../src/core/header-list.ts';
import { isRefusal } from '../../../../src/core/refusal.ts';
import type { Refusal } from '../../../../src/core/refusal.ts';
import { toldFields, writesFields } from '../../../../src/evaluate/identity/told-fields.ts';
import type { ToldFields } from '../../../../src/evaluate/identity/told-fields.ts';
import { parseTemplate } from '../../../../src/policy/rules/field-template.ts';
import type { FieldRules, Rule } from '../../../../src/policy/snapshot/snapshot.ts';
import { fieldFacts } from '../../../support/evaluation/field-facts.ts';
import { rule } from '../../../support/policy/policy.ts';

type Lists = 'json' | 'comma' | 'repeated';

/** As `set: { x-field: text }` compiles. */
function settingTo(text: string): FieldRules {
  const parsed = parseTemplate(text);
  assert.ok(parsed.kind === 'ok', text);
  return {
    said: [{ kind: 'set', name: 'x-field', texts: [text] }],
    removed: new Set(['x-field']),
    added: [{ name: 'x-field', template: parsed.value }],
    literals: undefined,
  };
}

function told(text: string, claims: Readonly<Record<string, Json>>, lists: Lists = 'json') {
  const own: Rule = rule({
    identityHeaders: [{ name: 'x-identity', value: { kind: 'claim', keys: ['a'] } }],
    requestFields: settingTo(text),
    responseFields: settingTo(text),
    ...(lists !== 'json' && { identityLists: lists }),
  });
  const identity = { subject: 'ada', issuer: 'i', method: 'jwt', claims };
  return toldFields(own, fieldFacts({ identity, tenant: { id: 'acme', tier: 'gold' } }));
}

/** What of it was set. */
function written(found: ToldFields | Refusal): HeaderList | string {
  if (isRefusal(found)) return `${found.code} ${found.reason?.code}`;
  const fields = fieldPairs(found.requestFields).filter(([name]) => name.startsWith('x-field'));
  assert.deepEqual(fields.flat(), found.responseFields);
  return found.responseFields;
}

const LIST = 'identity_header identity.list_element';
const CASES: readonly (readonly [string, Json | undefined, Lists, HeaderList | string])[] = [
  ['{identity.claims.a}', 'b', 'json', ['x-field', 'b']],
  ['<{identity.claims.a}>', 'b', 'json', ['x-field', '<b>']],
  ['{identity.claims.a}', undefined, 'json', []],
  ['is {identity.claims.a}', undefined, 'json', []],
  ['is {identity.claims.a}', '', 'json', []],
  ['is {identity.claims.a}', [], 'repeated', []],
  ['is {identity.claims.a}', 7, 'json', ['x-field', 'is 7']],
  ['is {identity.claims.a}', 'é', 'json', ['x-field*', "UTF-8''is%20%C3%A9"]],
  [
    'is {identity.claims.a}',
    'a\r\nx-admin: 1',
    'json',
    'identity_header identity.control_character',
  ],
  ['{identity.claims.a}', ' b', 'json', 'identity_header identity.space_at_end'],
  ['{identity.claims.a}', ' ', 'json', 'identity_header identity.space_at_end'],
  ['is {identity.claims.a}', 'b ', 'json', 'identity_header identity.space_at_end'],
  ['<{identity.claims.a}>', ' b ', 'json', 'identity_header identity.space_at_end'],
  ['is {identity.claims.a}', 'x'.repeat(8190), 'json', 'identity_header identity.too_long'],
  ['in {identity.claims.a}', ['b', 'c'], 'json', ['x-field', 'in ["b","c"]']],
  ['in {identity.claims.a}', ['b', 'c'], 'comma', ['x-field', 'in b,c']],
  ['in {identity.claims.a}', ['b', 'c'], 'repeated', ['x-field', 'in b', 'x-field', 'in c']],
  ['in {identity.claims.a}', ['b', 'c,d'], 'comma', LIST],
  ['{identity.claims.a} {identity.claims.a}', ['b', 'c'], 'repeated', LIST],
  [
    '{tenant.id} {tenant.tier} {request.client.ip}',
    'b',
    'json',
    ['x-field', 'acme gold 192.0.2.1'],
  ],
];

for (const [text, claim, lists, expected] of CASES) {
  test(`${text} with ${JSON.stringify(claim ?? null).slice(0, 20)} as ${lists} is ${String(expected).slice(0, 60)}`, () => {
    assert.deepEqual(written(told(text, claim === undefined ? {} : { a: claim }, lists)), expected);
  });
}

test('a rule that writes nothing is known without a look at its facts', () => {
  assert.equal(writesFields(rule()), false);
  assert.equal(writesFields(rule({ responseFields: settingTo('a') })), true);
});

/** Characters that end a line, a value or a name somewhere, and any other. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc
    .array(
      fc.constantFrom('\r', '\n', '\0', '\t', ' ', ':', ',', ';', '"', '\\', '%', '*', 'a', 'é'),
      { maxLength: 8 },
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('a\r\nx-admin: 1', '\u0085', '\u2028', '\ud800', "UTF-8''a", '嘊嘍x-admin:1'),
);
const claim = fc.oneof(
  text,
  fc.array(text, { maxLength: 4 }),
  fc.jsonValue() as fc.Arbitrary<Json>,
);
const TEMPLATES = [
  '{identity.claims.a}',
  'a {identity.claims.a}',
  '{identity.claims.a}={tenant.id}',
];

test('whatever a claim holds, each field has one of its two names and a value of one line', () => {
  fc.assert(
    fc.property(
      claim,
      fc.constantFrom(...TEMPLATES),
      fc.constantFrom<Lists>('json', 'comma', 'repeated'),
      (value, template, lists) => {
        const found = told(template, { a: value }, lists);
        if (isRefusal(found)) return assert.equal(found.code, 'identity_header');
        for (const [name, line] of fieldPairs([...found.requestFields, ...found.responseFields])) {
          assert.match(name, /^x-(?:field|identity)\*?$/);
          // RFC 9110 5.5, and RFC 9113 8.2.1: no space at an end.
          assert.match(line, /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/);
          if (name.endsWith('*')) assert.ok(parseQuery(`v=${line.slice(7)}`)['v'] !== undefined);
        }
      },
    ),
    { numRuns: 2000 },
  );
});
