import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { Json } from '../../../../src/core/identity.ts';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { identityFields } from '../../../../src/evaluate/identity/identity-fields.ts';
import { fieldFacts } from '../../../support/evaluation/field-facts.ts';
import { rule } from '../../../support/policy/policy.ts';

const HEADER = { name: 'x-claim', value: { kind: 'claim', keys: ['claim'] } } as const;

function fieldsOf(claim?: Json, identityLists?: 'comma' | 'repeated') {
  const claims = claim === undefined ? {} : { claim };
  const identity = { subject: 's', issuer: 'i', method: 'jwt', claims };
  const own = rule({ identityHeaders: [HEADER], ...(identityLists && { identityLists }) });
  return identityFields(own, fieldFacts({ identity }));
}

const WRITTEN: readonly (readonly [claim: Json | undefined, fields: readonly string[]])[] = [
  ['alice', ['x-claim', 'alice']],
  [9007199254740993n, ['x-claim', '9007199254740993']],
  [
    [9007199254740993n, 1],
    ['x-claim', '[9007199254740993,1]'],
  ],
  [7, ['x-claim', '7']],
  [false, ['x-claim', 'false']],
  ['Zoë', ['x-claim*', "UTF-8''Zo%C3%AB"]],
  [['staff'], ['x-claim', 'staff']],
  [[7], ['x-claim', '7']],
  [
    ['staff', 'admins'],
    ['x-claim', '["staff","admins"]'],
  ],
  [
    ['a,b', 'c"d'],
    ['x-claim', '["a,b","c\\"d"]'],
  ],
  [
    ['Zoë', '\u{1F600}'],
    ['x-claim', '["Zo\\u00eb","\\ud83d\\ude00"]'],
  ],
  [
    ['a\r\nX-Admin: 1', 'b\u007f'],
    ['x-claim', '["a\\r\\nX-Admin: 1","b\\u007f"]'],
  ],
  [['["staff","admins"]'], ['x-claim', '["[\\"staff\\",\\"admins\\"]"]']],
  [
    [1, true, null, 'x'],
    ['x-claim', '[1,true,null,"x"]'],
  ],
  [
    [['a'], { b: 1 }],
    ['x-claim', '[["a"],{"b":1}]'],
  ],
  [[''], ['x-claim', '[""]']],
  [{ a: ['b'] }, ['x-claim', '{"a":["b"]}']],
  ['x'.repeat(8192), ['x-claim', 'x'.repeat(8192)]],
  [undefined, []],
  [null, []],
  ['', []],
  [[], []],
];

for (const [claim, wanted] of WRITTEN) {
  const shown = inspect(claim).slice(0, 60);
  test(`the claim ${shown} becomes ${wanted.length === 0 ? 'no field' : 'its field'}`, () => {
    assert.deepEqual(fieldsOf(claim), wanted);
  });
}

const REFUSED: readonly (readonly [name: string, claim: Json, reason: string])[] = [
  ['a line break', 'a\nb', 'identity.control_character'],
  ['NUL', 'a\0b', 'identity.control_character'],
  ['a control of C1', 'a\u0085b', 'identity.control_character'],
  ['a line break in a list of one', ['a\nb'], 'identity.control_character'],
  ['more octets than a field may have', 'x'.repeat(8193), 'identity.too_long'],
  ['a list of more octets', Array.from({ length: 1000 }, () => 'x'.repeat(9)), 'identity.too_long'],
  ['more octets once they are escaped', 'ë'.repeat(1400), 'identity.too_long'],
];

for (const [name, claim, reason] of REFUSED) {
  test(`a claim with ${name} refuses the request, and says so`, () => {
    const refusal = fieldsOf(claim);

    assert.ok(isRefusal(refusal));
    assert.deepEqual([refusal.code, refusal.status], ['identity_header', 403]);
    assert.equal(refusal.reason?.code, reason);
    assert.match(refusal.reason?.detail ?? '', /x-claim/);
  });
}

const LISTS: readonly (readonly [
  form: 'comma' | 'repeated',
  claim: Json,
  written: readonly string[] | string,
])[] = [
  ['comma', ['staff', 'admins', 7], ['x-claim', 'staff,admins,7']],
  ['comma', ['Zoë', 'a'], ['x-claim*', "UTF-8''Zo%C3%AB%2Ca"]],
  ['comma', ['["a"]'], 'identity.list_element'],
  ['comma', 'a,b', ['x-claim', 'a,b']],
  ['comma', [], []],
  ['comma', ['a,b'], 'identity.list_element'],
  ['comma', ['a', 'b"c'], 'identity.list_element'],
  ['comma', ['a', 'b\nc'], 'identity.list_element'],
  ['comma', ['a', ' b'], 'identity.list_element'],
  ['comma', ['a', ''], 'identity.list_element'],
  ['comma', ['a', { b: 1 }], 'identity.list_element'],
  ['comma', ['a', ['b']], 'identity.list_element'],
  ['repeated', ['a,b', 'c'], ['x-claim', 'a,b', 'x-claim', 'c']],
  ['repeated', ['a', 'b\nc'], 'identity.control_character'],
  ['repeated', ['a', null], 'identity.list_element'],
  ['repeated', Array.from({ length: 9 }, () => 'x'.repeat(1000)), 'identity.too_long'],
];

for (const [form, claim, written] of LISTS) {
  test(`in ${form} form ${inspect(claim).slice(0, 60)} is written as ${inspect(written)}`, () => {
    const fields = fieldsOf(claim, form);

    assert.deepEqual(isRefusal(fields) ? fields.reason?.code : fields, written);
  });
}
