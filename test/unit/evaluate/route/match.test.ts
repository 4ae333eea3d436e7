import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../../../src/core/refusal.ts';
import type { Refusal } from '../../../../src/core/refusal.ts';
import { isKnownHost, matchPassthrough, matchRoute } from '../../../../src/evaluate/route/match.ts';
import type { RouteTable } from '../../../../src/policy/snapshot/snapshot.ts';
import type { RouteMatch } from '../../../../src/evaluate/route/match.ts';
import { PLAIN_GET, routeTable, rule } from '../../../support/policy/policy.ts';

const table = routeTable({
  'app.example.com': [
    rule({ route: 'app', path: '/admin' }),
    rule({ route: 'app', path: '/admin/**' }),
    rule({ route: 'app', path: '/items/*' }),
    rule({ route: 'app', path: '/a!b/**' }),
    rule({ route: 'app', path: '/caf%C3%A9/**' }),
    rule({ route: 'app', path: '/public/**' }),
  ],
  '*.example.com': [rule({ route: 'one' })],
  '**.example.com': [rule({ route: 'any' })],
});

const PLACES: readonly (readonly [host: string, target: string, path: string])[] = [
  ['app.example.com', '/admin', 'app /admin'],
  ['app.example.com', '/admin/', 'app /admin/**'],
  ['app.example.com', '/admin/x/y', 'app /admin/**'],
  ['app.example.com', '/%61dmin/x', 'app /admin/**'],
  ['app.example.com', '/items/1', 'app /items/*'],
  ['app.example.com', '/a%21b/x', 'app /a!b/**'],
  ['app.example.com', '/caf%c3%a9', 'app /caf%C3%A9/**'],
  ['other.example.com', '/x', 'one /**'],
  ['a.b.example.com', '/x', 'any /**'],
  ['app.example.com.example.com', '/', 'any /**'],
];

for (const [host, target, place] of PLACES) {
  test(`leads ${host}${target} to ${place}`, () => {
    const { rule } = matched(host, target);

    assert.equal(`${rule.route} ${rule.path}`, place);
  });
}

const NOWHERE: readonly (readonly [host: string, target: string])[] = [
  ['app.example.com', '/'],
  ['app.example.com', '/administrator'],
  ['app.example.com', '/ADMIN'],
  ['app.example.com', '/items'],
  ['app.example.com', '/items/'],
  ['app.example.com', '/items/1/2'],
  ['app.example.com', '/x?/public/'],
  ['app.example.com', '*'],
  ['example.com', '/'],
  ['.example.com', '/'],
  ['example.org', '/'],
  ['badexample.com', '/'],
  ['constructor', '/'],
];

for (const [host, target] of NOWHERE) {
  test(`finds nothing for ${host}${target}`, () => {
    assert.equal(refused(host, target).code, 'no_route');
  });
}

test('does not fall through to a wildcard when the exact host has no such path', () => {
  assert.equal(refused('app.example.com', '/elsewhere').code, 'no_route');
});

test('tells the client the same for an unknown host and an unknown path', () => {
  const { reason: _one, ...host } = refused('example.org', '/');
  const { reason: _other, ...path } = refused('app.example.com', '/');

  assert.deepEqual(host, path);
});

test('forwards the path that was matched, with the query as received', () => {
  const match = matched('app.example.com', '/%70ublic/%7ejoe?next=%2e%2E/&x');

  assert.equal(match.path, '/public/~joe');
  assert.equal(match.query, 'next=%2e%2E/&x');
  assert.equal(match.forwardTarget, '/public/~joe?next=%2e%2E/&x');
});

test('keeps an empty query apart from none', () => {
  assert.equal(matched('app.example.com', '/admin?').forwardTarget, '/admin?');
  assert.equal(matched('app.example.com', '/admin').forwardTarget, '/admin');
});

for (const target of [
  '/.fairlead',
  '/.fairlead/',
  '/.fairlead/corp/callback?x',
  '/%2Efairlead/x',
]) {
  test(`never leads ${target} to an application`, () => {
    const table = routeTable({ 'app.example.com': [rule({ route: 'app' })] });

    const refusal = matchRoute(table, { ...PLAIN_GET, host: 'app.example.com', target });

    assert.ok(isRefusal(refusal));
  });
}

const mixed = mixedTable();

for (const [host, expected] of [
  ['mail.example.com', 'mail'],
  ['app.example.com', undefined],
  ['other.example.com', 'rest'],
  ['a.b.example.com', undefined],
  ['example.org', undefined],
] as const) {
  test(`${host} ${expected === undefined ? 'does not pass' : 'passes'} through`, () => {
    assert.equal(matchPassthrough(mixed, host)?.route, expected);
  });
}

for (const host of ['mail.example.com', 'other.example.com']) {
  test(`no request has a rule on ${host}, and none is redirected there`, () => {
    assert.ok(isRefusal(matchRoute(mixed, { ...PLAIN_GET, host, target: '/' })));
    assert.equal(isKnownHost(mixed, host), false);
  });
}

/** Passthrough and terminated hosts by turns, each a wildcard and an exact one. */
function mixedTable(): RouteTable {
  const { exact, wildcards } = routeTable({
    'app.example.com': [rule({ route: 'app' })],
    'mail.example.com': [],
    '*.example.com': [],
    '**.example.com': [rule({ route: 'any' })],
  });
  const { position } = rule();
  const passes = (route: string) => ({
    passthrough: {
      route,
      service: route,
      from: undefined,
      connections: undefined,
      bandwidth: undefined,
      position,
    },
  });
  const mail = { ...exact.get('mail.example.com')!, ...passes('mail') };
  const [narrow, wide] = wildcards;
  return {
    exact: new Map([...exact, ['mail.example.com', mail]]),
    wildcards: [{ ...narrow!, ...passes('rest') }, wide!],
    guardedNames: new Set(),
  };
}

test('refuses a hostile path before it looks at the host', () => {
  assert.equal(refused('example.org', '/a/../b').code, 'invalid_path');
  assert.equal(refused('app.example.com', '/public/..;/admin').code, 'invalid_path');
});

test('knows the hosts of routes and no others', () => {
  const known = ['app.example.com', 'x.example.com', 'x.y.example.com', 'example.com', 'evil.test'];

  assert.deepEqual(
    known.map((host) => isKnownHost(table, host)),
    [true, true, true, false, false],
  );
});

function matched(host: string, target: string): RouteMatch {
  const outcome = matchRoute(table, { ...PLAIN_GET, host, target });
  assert.ok(!isRefusal(outcome), `refused: ${JSON.stringify(outcome)}`);
  return outcome;
}

function refused(host: string, target: string): Refusal {
  const outcome = matchRoute(table, { ...PLAIN_GET, host, target });
  assert.ok(isRefusal(outcome), 'matched');
  return outcome;
}
