import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { effectiveRules, fieldOf } from '../../../../src/policy/rules/effective-rule.ts';
import type { EffectiveRule } from '../../../../src/policy/rules/effective-rule.ts';
import { RULE_FIELDS } from '../../../../src/policy/schema/rule-fields.ts';
import { parseFile } from '../../../../src/policy/source/parse-file.ts';
import type { MapNode } from '../../../../src/policy/source/source.ts';
import { lineStartsOf, nodeAt, plainOf } from '../../../../src/policy/source/source.ts';

type Mapping = Readonly<Record<string, unknown>>;

function treeOf(policy: unknown): MapNode {
  const text = stringify(policy);
  const file = { path: '/p.yaml', shown: 'p.yaml', text, lineStarts: lineStartsOf(text) };
  const { root } = parseFile(file);
  assert.ok(root?.kind === 'map');
  return root;
}

// --- generated parts of a policy: each key left out, null or with one of a few values

const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const auth = fc.constantFrom<unknown>('public', 'api', ['api', 'own'], { all: ['api', 'own'] });
const body = fc.constantFrom('1KiB', '2KiB', '3KiB');
const total = fc.constantFrom('1s', '2s', '3s');
const requirement = fc.constantFrom<unknown>({ acr: 'a' }, { maxAge: '1m' }, { claims: { x: 1 } });
const headers = fc.record(
  {
    identity: orNull(
      fc.dictionary(
        fc.constantFrom('x-a', 'X-A', 'x-b', 'X-B'),
        orNull(fc.constantFrom('identity.subject', 'identity.issuer')),
      ),
    ),
  },
  { requiredKeys: [] },
);
const said = {
  auth: orNull(auth),
  require: requirement,
  limits: orNull(fc.constantFrom<unknown>({ rate: '1/s' }, { concurrent: 2 })),
  body: orNull(body),
  websocket: orNull(fc.boolean()),
  timeout: orNull(fc.record({ total: orNull(total) }, { requiredKeys: [] })),
  headers: orNull(headers),
};
const ofRoute = {
  ...said,
  forwardHeaders: orNull(fc.constantFrom<unknown>(['Proxy'], ['X-Original-URL'])),
  path: orNull(fc.record({ parameters: orNull(fc.constant('keep')) }, { requiredKeys: [] })),
  cors: orNull(fc.constantFrom<unknown>({ origins: ['*'] }, { origins: ['https://a.example'] })),
};
const defaults = fc.record(
  {
    auth,
    require: requirement,
    body,
    websocket: fc.boolean(),
    timeout: fc.record({ total, idle: total }, { requiredKeys: [] }),
    headers,
    forwardHeaders: fc.constant(['Proxy']),
    path: fc.constant({ parameters: 'keep' }),
    cors: fc.constant({ origins: ['*'] }),
  },
  { requiredKeys: [] },
);
const PROFILES = ['one', 'two', 'three'];
const use = fc.shuffledSubarray(PROFILES, { minLength: 1 });
const paths = fc.dictionary(
  fc.constantFrom('/a', '/a/**', '/b', '/**'),
  fc.record({ use, ...said }, { requiredKeys: [] }),
);
const someProfiles = fc.record(
  Object.fromEntries(PROFILES.map((name) => [name, fc.record(said, { requiredKeys: [] })])),
  { requiredKeys: [] },
);
const policies = fc.record({
  defaults,
  profiles: someProfiles,
  route: fc.record({ use, ...ofRoute }, { requiredKeys: [] }),
  paths,
});

// --- the model: written from policy-language.md, without a look at the code

/** Undefined: nothing is said; null: set back, here or above. */
function valueIn(level: Mapping | undefined, field: string): unknown {
  let value: unknown = level;
  for (const key of field.split('.')) {
    if (value === undefined || value === null) return value;
    value = (value as Mapping)[key];
  }
  return value;
}

function lastModel(field: string, levels: readonly (Mapping | undefined)[]): readonly unknown[] {
  const [outer, ...inner] = levels.map((level) => valueIn(level, field));
  const decisive = inner.findLast((value) => value !== undefined);
  const value = decisive ?? outer;
  return value === undefined || value === null ? [] : [value];
}

function namesModel(levels: readonly (Mapping | undefined)[]): readonly string[] {
  let fields: [string, unknown][] = [];
  let outer: [string, unknown][] = [];
  for (const [depth, level] of levels.entries()) {
    const own = valueIn(level, 'headers.identity');
    if (own === null) fields = [...outer];
    for (const [written, value] of Object.entries((own ?? {}) as Mapping)) {
      const name = written.toLowerCase();
      fields = fields.filter(([other]) => other !== name);
      if (value !== null) fields.push([name, value]);
      else fields.push(...outer.filter(([other]) => other === name));
    }
    if (depth === 0) outer = [...fields];
  }
  return fields.map((pair) => pair.join('=')).sort();
}

/** The profiles that a route or path uses and that are there, and the route or path itself. */
function groupOf(own: Mapping | undefined, profiles: Mapping): readonly (Mapping | undefined)[] {
  const used = (own?.['use'] ?? []) as readonly string[];
  return [...used.flatMap((name) => (profiles[name] ?? []) as Mapping | []), own] as Mapping[];
}

function expected(
  field: string,
  groups: readonly (readonly (Mapping | undefined)[])[],
): readonly unknown[] {
  const levels = groups.flat();
  if (field === 'headers.identity') return namesModel(levels);
  if (field !== 'require' && field !== 'limits') return lastModel(field, levels);
  if (field === 'require' && lastModel('auth', levels)[0] === 'public') return [];
  return groups.flatMap((group) => {
    const reset = group.findLastIndex((level) => level?.[field] === null);
    return group.slice(reset + 1).flatMap((level) => level?.[field] ?? []);
  });
}

function found(field: string, rule: EffectiveRule): readonly unknown[] {
  const values = fieldOf(rule, field).said.map(({ path, node }) => {
    const value = JSON.parse(JSON.stringify(plainOf(node, new Map()))) as unknown;
    return field === 'headers.identity' ? `${String(path.at(-1)).toLowerCase()}=${value}` : value;
  });
  return field === 'headers.identity' ? (values as string[]).sort() : values;
}

test('what holds at each place is what the language says, for any default, route and paths', () => {
  fc.assert(
    fc.property(policies, ({ defaults: outer, profiles, route, paths: inner }) => {
      const written = { host: 'a.example', service: 'web', ...route, paths: inner };
      const rules = effectiveRules(
        treeOf({ gateway: { defaults: outer }, profiles, routes: { web: written } }),
      );

      const places = Object.hasOwn(inner, '/**') ? inner : { ...inner, '/**': undefined };
      assert.deepEqual(
        rules
          .get('web')!
          .map(({ path }) => path)
          .sort(),
        Object.keys(places).sort(),
      );
      for (const rule of rules.get('web')!) {
        const own = (places as Record<string, Mapping>)[rule.path];
        const levels = [[outer], groupOf(written, profiles), groupOf(own, profiles)];
        for (const { name } of RULE_FIELDS) {
          assert.deepEqual(found(name, rule), expected(name, levels), `${rule.path} ${name}`);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('each value is at the place that is told for it, and that place is of its level', () => {
  fc.assert(
    fc.property(policies, ({ defaults: outer, profiles, route, paths: inner }) => {
      const written = { host: 'a.example', service: 'web', ...route, paths: inner };
      const root = treeOf({ gateway: { defaults: outer }, profiles, routes: { web: written } });

      for (const rule of effectiveRules(root).get('web')!) {
        const bases = {
          defaults: 'gateway.defaults',
          service: 'services.web',
          profile: 'profiles.',
          route: 'routes.web',
          path: `routes.web.paths.${rule.path}`,
        };
        for (const { said: all, reset } of rule.fields.values()) {
          for (const { path, node, level } of reset === undefined ? all : [...all, reset]) {
            assert.equal(nodeAt(root, path), node);
            assert.ok(path.join('.').startsWith(bases[level]), path.join('.'));
          }
        }
      }
    }),
  );
});

test('a null that sets a field back is told with its place, until something is said again', () => {
  const root = treeOf({
    gateway: { defaults: { body: '1KiB' } },
    routes: {
      web: {
        service: 'web',
        body: null,
        paths: { '/a': { body: '2KiB' }, '/b': { timeout: null } },
      },
    },
  });

  const rules = effectiveRules(root).get('web')!;
  const told = rules.map((rule) => {
    const { said: all, reset } = fieldOf(rule, 'body');
    return [rule.path, all[0]?.path.join('.'), reset?.path.join('.')];
  });

  assert.deepEqual(told, [
    ['/a', 'routes.web.paths./a.body', undefined],
    ['/b', 'gateway.defaults.body', 'routes.web.body'],
    ['/**', 'gateway.defaults.body', 'routes.web.body'],
  ]);
  const whole = fieldOf(rules[1]!, 'timeout.total').reset;
  assert.equal(whole?.path.join('.'), 'routes.web.paths./b.timeout');
});

test('a field that the schema does not have is a fault of ours', () => {
  const [rule] = effectiveRules(treeOf({ routes: { web: {} } })).get('web')!;

  assert.throws(() => fieldOf(rule!, 'timeout.totle'), /a rule has no field timeout\.totle/);
});
