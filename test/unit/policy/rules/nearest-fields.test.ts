import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { effectiveRules, fieldOf } from '../../../../src/policy/rules/effective-rule.ts';
import { parseFile } from '../../../../src/policy/source/parse-file.ts';
import { lineStartsOf } from '../../../../src/policy/source/source.ts';
import { writtenText } from '../../../../src/policy/source/written-text.ts';

type Request = Readonly<Record<string, unknown>> | null;

/** What holds of `headers.request` for the path /a: `set x-a=1`, `remove x-b`. */
function holding(levels: Readonly<Record<'defaults' | 'profile' | 'route' | 'path', Request>>) {
  const of = (request: Request) => ({ headers: { request } });
  const text = stringify({
    gateway: { defaults: of(levels.defaults) },
    profiles: { p: of(levels.profile) },
    routes: {
      web: { service: 'web', use: ['p'], ...of(levels.route), paths: { '/a': of(levels.path) } },
    },
  });
  const { root } = parseFile({ path: '/p', shown: 'p', text, lineStarts: lineStartsOf(text) });
  assert.ok(root?.kind === 'map');
  const rule = effectiveRules(root)
    .get('web')!
    .find(({ path }) => path === '/a')!;
  return ['set', 'add', 'remove'].flatMap((act) =>
    fieldOf(rule, `headers.request.${act}`).said.map(({ path, node }) => {
      const step = path.at(-1);
      return `${act} ${typeof step === 'number' ? '' : `${step}=`}${writtenText(node)}`;
    }),
  );
}

const none = { defaults: {}, profile: {}, route: {}, path: {} };
const TABLE: readonly (readonly [string, Partial<typeof none>, readonly string[]])[] = [
  [
    'set adds to what outer levels set, in either case of a name',
    { route: { set: { 'x-a': '1', 'X-B': '1' } }, path: { set: { 'x-b': '2', 'x-c': '3' } } },
    ['set x-a=1', 'set x-b=2', 'set x-c=3'],
  ],
  [
    'remove adds to what outer levels remove',
    { defaults: { remove: ['x-a'] }, profile: { remove: ['x-b'] }, path: { remove: ['X-A'] } },
    ['remove X-A', 'remove x-b'],
  ],
  [
    'remove of a nearer level ends set and add',
    { profile: { set: { 'x-a': '1' }, add: { 'x-b': '1' } }, path: { remove: ['X-A', 'x-b'] } },
    ['remove X-A', 'remove x-b'],
  ],
  [
    'set of a nearer level ends remove and add',
    {
      defaults: { remove: ['x-a'] },
      route: { add: { 'x-a': '1' } },
      path: { set: { 'x-a': '2' } },
    },
    ['set x-a=2'],
  ],
  [
    'add of a nearer level stands beside set and remove, and replaces add',
    {
      defaults: { set: { 'x-a': '1' }, remove: ['x-b'], add: { 'x-c': '1' } },
      path: { add: { 'x-a': '2', 'x-b': '2', 'x-c': '2' } },
    },
    ['set x-a=1', 'add x-c=2', 'add x-a=2', 'add x-b=2', 'remove x-b'],
  ],
  [
    'null sets a name, a list, or all of it back to gateway.defaults',
    {
      defaults: { set: { 'x-a': '1' }, remove: ['x-b'] },
      route: { set: { 'x-a': '2', 'x-c': '3' }, remove: ['x-d'] },
      path: { set: { 'x-a': null }, remove: null },
    },
    ['set x-a=1', 'set x-c=3', 'remove x-b'],
  ],
  [
    'null of the whole',
    { defaults: { remove: ['x-b'] }, route: { set: { 'x-c': '3' } }, path: null as never },
    ['remove x-b'],
  ],
];

for (const [sentence, levels, expected] of TABLE) {
  test(sentence, () => {
    assert.deepEqual(holding({ ...none, ...levels }), expected);
  });
}
