import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTemplate } from '../../../../src/policy/rules/field-template.ts';

const claim = (...keys: readonly string[]) => ({ kind: 'claim', keys });

const GOOD: readonly (readonly [string, readonly unknown[]])[] = [
  ['plain', ['plain']],
  ['{identity.subject}', [{ kind: 'subject' }]],
  ['a {tenant.id}-{tenant.tier} b', ['a ', { kind: 'tenant' }, '-', { kind: 'tier' }, ' b']],
  ['{request.id}{request.client.ip}', [{ kind: 'request-id' }, { kind: 'client-ip' }]],
  ['{identity.claims.a.b}', [claim('a', 'b')]],
  ['{identity.claims["https://x/y}{z"]}!', [claim('https://x/y}{z'), '!']],
  ['{"group":"default","a":{}}', ['{"group":"default","a":{}}']],
  ['} { } {} {1}', ['} { } {} {1}']],
  ['${env:X}', ['${env:X}']],
  ['$ {tenant.id}', ['$ ', { kind: 'tenant' }]],
];

for (const [text, expected] of GOOD) {
  test(`reads ${text}`, () => {
    assert.deepEqual(parseTemplate(text), { kind: 'ok', value: expected });
  });
}

const WRONG: readonly (readonly [string, string])[] = [
  ['a {b} c', '{b}'],
  ['{identity}', '{identity}'],
  ['{identity.claims}', '{identity.claims}'],
  ['{request.client}', '{request.client}'],
  ['{tenant.id', '{tenant.id'],
  ['x {{tenant.id}} y', '{{tenant.id}}'],
  ['{ tenant.id }', '{ tenant.id }'],
  ['{tenant.id } {tenant.tier}', '{tenant.id }'],
  ['{constructor}', '{constructor}'],
  ['a ${tenant.id}', '${tenant.id}'],
  ['{env:X}', '{env:X}'],
];

for (const [text, marked] of WRONG) {
  test(`marks ${marked} in ${text}`, () => {
    const parsed = parseTemplate(text);

    assert.ok(parsed.kind === 'wrong');
    assert.equal(text.slice(parsed.start, parsed.end), marked);
  });
}
