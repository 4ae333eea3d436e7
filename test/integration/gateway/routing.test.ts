import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { firstField } from '../../../src/core/header-list.ts';
import { FIELD_CLIENTS } from '../../support/clients/field-clients.ts';
import { BothWays, WAYS } from '../../support/gateway/both-ways.ts';

let gateways: BothWays;

before(async () => {
  gateways = await BothWays.start(['shop', 'api', 'canary', 'admin'], {
    files: { 'keys.json': '{"keys":[]}' },
    policy: `
providers:
  local: { plugin: jwt, issuer: "https://issuer.example.test", audience: a, jwks: { file: keys.json } }
routes:
  shop:
    host: app.example.test
    service: shop
    auth: public
    paths: { /admin/**: { service: admin, auth: local } }
  read:
    host: app.example.test
    auth: public
    methods: [GET]
    cors: { origins: [https://other.example.test] }
    paths: { /api/**: { service: api } }
  write:
    host: app.example.test
    auth: local
    methods: [POST, QUERY]
    paths: { /api/**: { service: api } }
  canary:
    host: app.example.test
    auth: public
    methods: [GET]
    matchHeaders: { x-canary: ['1', on] }
    paths: { /api/**: { service: canary } }
`,
  });
});

after(() => gateways?.[Symbol.asyncDispose]());

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: readonly string[];
}

const CASES: readonly (readonly [what: string, asked: Asked, came: string])[] = [
  ['the rest', { method: 'POST', path: '/x' }, '200 shop shop'],
  ['a path with a service of its own', { method: 'GET', path: '/admin/x' }, '401 shop -'],
  ['a public read', { method: 'GET', path: '/api/x' }, '200 read api'],
  ['a HEAD where GET is', { method: 'HEAD', path: '/api/x' }, '200 read api'],
  ['a write without a token', { method: 'POST', path: '/api/x' }, '401 write -'],
  ['a QUERY, by its own method', { method: 'QUERY', path: '/api/x' }, '401 write -'],
  ['a method of no rule', { method: 'DELETE', path: '/api/x' }, '405 - - GET, HEAD, POST, QUERY'],
  [
    'a field that another route wants',
    { method: 'GET', path: '/api/x', headers: ['X-Canary', 'on'] },
    '200 canary canary',
  ],
  [
    'the same field with another value',
    { method: 'GET', path: '/api/x', headers: ['x-canary', 'off'] },
    '200 read api',
  ],
  [
    'a preflight, answered by the route of the method that it asks for',
    {
      method: 'OPTIONS',
      path: '/api/x',
      headers: ['origin', 'https://other.example.test', 'access-control-request-method', 'GET'],
    },
    '204 read -',
  ],
];

for (const way of WAYS) {
  for (const [version, ask] of Object.entries(FIELD_CLIENTS)) {
    for (const [what, asked, came] of CASES) {
      test(`${what}: ${came}, over ${way} and ${version}`, async () => {
        const gateway = gateways[way];
        gateway.records.length = 0;

        const { status, fields } = await ask(gateway, { host: 'app.example.test', ...asked });

        const { route = '-', service = '-' } = (await gateway.record()) as Record<string, string>;
        const allow = firstField(fields, 'allow');
        const words = [status, route, service, ...(allow === undefined ? [] : [allow])];
        assert.equal(words.join(' '), came);
      });
    }
  }
}
