import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presetFields } from '../../../../src/policy/compile/presets.ts';
import { trustedNames } from '../../../../src/policy/compile/compile-field-rules.ts';
import { parseTemplate } from '../../../../src/policy/rules/field-template.ts';
import type { FieldRules, SaidField } from '../../../../src/policy/snapshot/snapshot.ts';

function rules(...said: readonly SaidField[]): FieldRules {
  const added = said.flatMap(({ name, texts }) =>
    texts.map((text) => {
      const parsed = parseTemplate(text);
      assert.ok(parsed.kind === 'ok');
      return { name, template: parsed.value };
    }),
  );
  return { said, removed: new Set(), added, literals: undefined };
}

const set = (name: string, ...texts: readonly string[]): SaidField => ({
  kind: 'set',
  name,
  texts,
});
const frame = (fields: readonly string[]) => fields[fields.indexOf('x-frame-options') + 1];

test('the preset has the literal that the rule sets, and not what it removes', () => {
  const removed: SaidField = { kind: 'remove', name: 'x-frame-options', texts: [] };
  const added: SaidField = { kind: 'add', name: 'x-frame-options', texts: ['DENY'] };

  assert.equal(frame(presetFields(undefined)), 'SAMEORIGIN');
  assert.equal(frame(presetFields(rules(set('x-frame-options', 'DENY')))), 'DENY');
  assert.equal(frame(presetFields(rules(set('x-frame-options', '{tenant.id}')))), 'SAMEORIGIN');
  assert.equal(frame(presetFields(rules(added))), 'SAMEORIGIN');
  assert.ok(!presetFields(rules(removed)).includes('x-frame-options'));
});

test('a name is guarded where its value tells who asks', () => {
  const guarded = trustedNames(
    rules(
      set('x-literal', 'a'),
      set('x-id', '{request.id}'),
      set('x-user', 'user {identity.subject}'),
      set('x-client', 'a', '{request.client.ip}'),
      set('x-tier', '{tenant.tier}'),
      { kind: 'add', name: 'x-added', texts: ['{identity.subject}'] },
    ),
  );

  assert.deepEqual(guarded, ['x-user', 'x-client', 'x-tier']);
  assert.deepEqual(trustedNames(undefined), []);
});
