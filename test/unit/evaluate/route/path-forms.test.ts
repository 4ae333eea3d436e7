import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { requestChecks } from '../../../../src/evaluate/limit/request-checks.ts';
import { comparePatterns } from '../../../../src/policy/rules/path-pattern.ts';
import type { PathForm, Rule } from '../../../../src/policy/snapshot/snapshot.ts';
import { matchRoute } from '../../../../src/evaluate/route/match.ts';
import type { RouteMatch } from '../../../../src/evaluate/route/match.ts';
import { matchesPattern } from '../../../../src/evaluate/route/path-pattern.ts';
import { PLAIN_GET, limits, routeTable, rule } from '../../../support/policy/policy.ts';

const ALL_FORMS: ReadonlySet<PathForm> = new Set(['encodedSlash', 'parameters', 'emptySegments']);
const HOST = 'app.example.com';

function tableOf(paths: readonly string[], pathForms: ReadonlySet<PathForm>) {
  const rules = [...new Set([...paths, '/**'])].map((path) => rule({ path, pathForms }));
  rules.sort((a, b) => comparePatterns(a.pattern, b.pattern));
  return routeTable({ [HOST]: rules });
}

function outcomeOf(target: string, forms: readonly PathForm[], paths: readonly string[] = []) {
  const outcome = matchRoute(tableOf(paths, new Set(forms)), { ...PLAIN_GET, host: HOST, target });
  return isRefusal(outcome) ? outcome.code : outcome.forwardTarget;
}

const ONE_EACH: readonly (readonly [form: PathForm, target: string, forwarded?: string])[] = [
  ['encodedSlash', '/api/v4/projects/group%2Fproject?x=%2f'],
  ['encodedSlash', '/@scope%2ffoo', '/@scope%2Ffoo'],
  ['encodedSlash', '/api/queues/%2F/task'],
  ['parameters', '/cart;jsessionid=1A53'],
  ['parameters', '/map;v=2/tiles'],
  ['parameters', '/a%3Bb'],
  ['emptySegments', '/bucket//key'],
  ['emptySegments', '/bucket/key//'],
];

for (const [form, target, forwarded = target] of ONE_EACH) {
  test(`${target} is forwarded where the route keeps ${form}, and only there`, () => {
    const others = [...ALL_FORMS].filter((each) => each !== form);

    assert.equal(outcomeOf(target, [form]), forwarded);
    assert.equal(outcomeOf(target, []), 'invalid_path');
    assert.equal(outcomeOf(target, others), 'invalid_path');
  });
}

test('a path of two forms needs both', () => {
  assert.equal(outcomeOf('/a%2Fb;c', ['encodedSlash']), 'invalid_path');
  assert.equal(outcomeOf('/a%2Fb;c', ['parameters']), 'invalid_path');
  assert.equal(outcomeOf('/a%2Fb;c', ['encodedSlash', 'parameters']), '/a%2Fb;c');
});

/** Some application would see a path that another rule is for. */
const BESIDE_A_RULE: readonly (readonly [rule: string, target: string])[] = [
  ['/admin/**', '/admin%2Fusers'],
  ['/admin/**', '/%2Fadmin/users'],
  ['/admin/**', '/x%2F%2Fadmin%2F..'],
  ['/a/admin/**', '/a%2Fadmin'],
  ['/admin/**', '/admin;x/users'],
  ['/admin/**', '/admin%3Bx/users'],
  ['/pub', '/pub;x/users'],
  ['/a/admin/**', '/a//admin/users'],
  ['/a/admin/**', '/a/;/admin'],
  ['/items/*', '/items/a%2Fb'],
  ['/admin/**', '/%2561dmin/users'],
];

for (const [path, target] of BESIDE_A_RULE) {
  test(`${target} never slips past the rule of ${path}`, () => {
    assert.equal(outcomeOf(target, [...ALL_FORMS], [path]), 'invalid_path');
  });
}

test('no reading of a path leads below /.fairlead', () => {
  for (const target of [
    '/.fairlead%2Fsession',
    '/.fairlead;x/session',
    '/%2F.fairlead/session',
    '/%2efairlead/session',
    '/;/.fairlead/session',
  ]) {
    assert.equal(outcomeOf(target, [...ALL_FORMS]), 'no_route', target);
  }
});

test('hosts that no route names say nothing of their paths', () => {
  const table = tableOf([], ALL_FORMS);

  const outcome = matchRoute(table, { ...PLAIN_GET, host: 'other.example.com', target: '/a%2Fb' });

  assert.equal(isRefusal(outcome) && outcome.code, 'invalid_path');
});

const PIECES = [
  '/', '//', '.', '..', ';', ';x', '%2F', '%2f', '%3B', '%2e', '%5C', '\\', '%2561', '%252F', '%2520',
  'a', 'b', 'admin', '%61', '@',
] as const; // prettier-ignore
const targets = fc
  .array(fc.constantFrom(...PIECES), { maxLength: 10 })
  .map((pieces) => `/${pieces.join('')}`);
const PATHS = ['/a', '/a/*', '/a/**', '/admin/**', '/a/admin', '/a/b/**', '/b/*', '/admin/a/*'];
const rules = fc.subarray(PATHS);

/** How servers are known to read a path, written apart from the code under test. */
const SERVERS: Readonly<Record<string, (path: string) => string>> = {
  'decodes each segment by itself': (path) =>
    path.split('/').map((each) => decodeURIComponent(each).replaceAll('/', '%2F')).join('/'), // prettier-ignore
  'decodes, then splits': (path) => decodeURIComponent(path),
  'drops parameters, then decodes (servlet containers)': (path) =>
    decodeURIComponent(path.split('/').map((each) => each.split(';')[0]).join('/')), // prettier-ignore
  'decodes, then drops parameters': (path) =>
    decodeURIComponent(path).split('/').map((each) => each.split(';')[0]).join('/'), // prettier-ignore
  'ends the path at the first ";"': (path) => decodeURIComponent(path).split(';')[0]!,
  'merges slashes (nginx)': (path) => decodeURIComponent(path).replaceAll(/\/+/g, '/'),
  'drops parameters, then merges slashes': (path) =>
    decodeURIComponent(path).replaceAll(/;[^/]*/g, '').replaceAll(/\/+/g, '/'), // prettier-ignore
  'decodes twice': (path) =>
    decodeURIComponent(path).replaceAll(/%[0-9A-F]{2}/gi, (each) => decodeURIComponent(each)),
};

test('match, limit key, log and forward agree with every reading of the application', () => {
  let taken = 0;
  fc.assert(
    fc.property(rules, targets, (paths, target) => {
      const table = tableOf(paths, ALL_FORMS);
      const match = matchRoute(table, { ...PLAIN_GET, host: HOST, target });
      if (isRefusal(match)) return;
      taken += 1;
      assert.equal(match.forwardTarget, match.path);
      const again = matchRoute(table, {
        ...PLAIN_GET,
        host: HOST,
        target: match.forwardTarget,
      }) as RouteMatch;
      assert.equal(again.path, match.path);
      for (const [server, read] of Object.entries(SERVERS)) {
        const reading = read(match.forwardTarget);
        const seen = table.exact
          .get(HOST)!
          .rules.find((each) => matchesPattern(each.pattern, reading));
        assert.equal(seen?.path, match.rule.path, `${server}: ${reading}`);
        assert.deepEqual(keysOf(seen), keysOf(match.rule));
      }
    }),
    { numRuns: 5000 },
  );
  assert.ok(taken > 200, `${taken} paths were taken`);
});

test('an encoded ";" beside a parameter is read as data too', () => {
  // Servlet containers take it for `/b/;`, below the rule that a plain reading does not reach.
  const match = matchRoute(tableOf(['/b/*'], ALL_FORMS), {
    ...PLAIN_GET,
    host: HOST,
    target: '/b;x/%3B',
  });

  assert.ok(isRefusal(match));
});

test('dot segments and backslashes are refused in every reading, whatever the route keeps', () => {
  fc.assert(
    fc.property(targets, (target) => {
      const match = matchRoute(tableOf([], ALL_FORMS), { ...PLAIN_GET, host: HOST, target });
      const isHostile =
        /\\|%5C/i.test(target) || Object.values(SERVERS).some((read) => hasDots(read(target)));
      if (isHostile) assert.ok(isRefusal(match), target);
    }),
    { numRuns: 5000 },
  );
});

function hasDots(reading: string): boolean {
  return reading.split('/').some((segment) => segment === '.' || segment === '..');
}

function keysOf(of: Rule): readonly string[] {
  const own = { ...of, pathLimits: limits({ concurrent: 1 }) };
  const tenant = { id: 't', kind: 'tenant', limits: undefined, limitsName: 'tenant' };
  return requestChecks(own, tenant).map(({ key }) => key);
}
