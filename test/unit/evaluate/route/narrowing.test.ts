import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../../../src/core/refusal.ts';
import { matchRoute } from '../../../../src/evaluate/route/match.ts';
import type { CorsPolicy, Rule } from '../../../../src/policy/snapshot/snapshot.ts';
import { routeTable, rule } from '../../../support/policy/policy.ts';

const HOST = 'app.example.com';
const CORS = {} as CorsPolicy;
const canary = (...values: string[]) => [
  { name: 'x-canary', values: values.length === 0 ? undefined : new Set(values) },
];

/** In order of precedence, as the compiler leaves them. */
const RULES: readonly Rule[] = [
  rule({ route: 'beta', path: '/a', methods: new Set(['GET']), matchHeaders: canary('b') }),
  rule({ route: 'read', path: '/a', methods: new Set(['GET', 'HEAD']), cors: CORS }),
  rule({ route: 'write', path: '/a', methods: new Set(['POST', 'QUERY']) }),
  rule({ route: 'probe', path: '/b', matchHeaders: canary() }),
  rule({ route: 'delete', path: '/c', methods: new Set(['DELETE']) }),
  rule({ route: 'open', path: '/c', cors: CORS }),
  rule({ route: 'rest' }),
];

function outcome(method: string, target: string, headers: readonly string[] = []) {
  const found = matchRoute(routeTable({ [HOST]: RULES }), { host: HOST, target, method, headers });
  if (isRefusal(found)) return [found.code, found.headers?.[1]].filter(Boolean).join(' ');
  return found.isPreflight ? `preflight of ${found.rule.route}` : found.rule.route;
}

const asks = (method: string) => ['origin', 'https://x', 'access-control-request-method', method];

const CASES: readonly (readonly [string, string, readonly string[], string])[] = [
  ['GET', '/a', [], 'read'],
  ['HEAD', '/a', [], 'read'],
  ['POST', '/a', [], 'write'],
  ['QUERY', '/a', [], 'write'],
  ['DELETE', '/a', [], 'method_not_allowed GET, HEAD, POST, QUERY'],
  ['get', '/a', [], 'method_not_allowed GET, HEAD, POST, QUERY'],
  ['OPTIONS', '/a', [], 'method_not_allowed GET, HEAD, POST, QUERY'],
  ['GET', '/a', ['X-Canary', 'b'], 'beta'],
  ['GET', '/a', ['x-canary', 'c'], 'read'],
  ['GET', '/a', ['x-canary', 'b', 'x-canary', 'b'], 'read'],
  ['HEAD', '/a', ['x-canary', 'b'], 'read'],
  ['GET', '/b', ['x-canary', ''], 'probe'],
  ['GET', '/b', [], 'no_route'],
  ['DELETE', '/c', [], 'delete'],
  ['GET', '/c', [], 'open'],
  ['DELETE', '/d', [], 'rest'],
  ['OPTIONS', '/a', asks('GET'), 'preflight of read'],
  ['OPTIONS', '/a', asks('POST'), 'method_not_allowed GET, HEAD, POST, QUERY'],
  ['OPTIONS', '/a', asks('PUT'), 'method_not_allowed GET, HEAD, POST, QUERY'],
  ['OPTIONS', '/c', asks('GET'), 'preflight of open'],
  ['OPTIONS', '/c', asks('DELETE'), 'open'],
];

for (const [method, target, headers, expected] of CASES) {
  test(`${method} ${target} with [${headers.join(' ')}]: ${expected}`, () => {
    assert.equal(outcome(method, target, headers), expected);
  });
}
