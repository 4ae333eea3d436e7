import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Application } from '../../support/applications/application.ts';
import { http2To } from '../../support/clients/gateway-clients.ts';
import { TestGateway } from '../../support/gateway/gateway.ts';

const applications = new Map<string, Application>();
let gateway: TestGateway;

before(async () => {
  for (const name of ['shop', 'api', 'canary', 'admin']) {
    applications.set(name, await Application.start());
  }
  const services = Array.from(
    applications,
    ([name, { address }]) => `  ${name}: { via: tcp, host: 127.0.0.1, port: ${address.port} }`,
  );
  gateway = await TestGateway.start({
    files: { 'keys.json': '{"keys":[]}' },
    policy: `
services:
${services.join('\n')}
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

after(async () => {
  await gateway?.[Symbol.asyncDispose]();
  for (const application of applications.values()) await application[Symbol.asyncDispose]();
});

beforeEach(() => {
  gateway.records.length = 0;
});

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function overHttp1({ method, path, headers = {} }: Asked) {
  const response = await gateway.request(path, { method, headers });
  await response.body.dump();
  return { status: response.statusCode, allow: response.headers['allow'] as string | undefined };
}

async function overHttp2({ method, path, headers = {} }: Asked) {
  const session = await http2To(gateway);
  const stream = session.request({ ':method': method, ':path': path, ...headers });
  const found = Promise.withResolvers<{ status: number; allow: string | undefined }>();
  stream.on('response', (fields) =>
    found.resolve({ status: Number(fields[':status']), allow: fields['allow'] as string }),
  );
  stream.resume();
  stream.end();
  const answer = await found.promise;
  session.destroy();
  return answer;
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
    { method: 'GET', path: '/api/x', headers: { 'X-Canary': 'on' } },
    '200 canary canary',
  ],
  [
    'the same field with another value',
    { method: 'GET', path: '/api/x', headers: { 'x-canary': 'off' } },
    '200 read api',
  ],
  [
    'a preflight, answered by the route of the method that it asks for',
    {
      method: 'OPTIONS',
      path: '/api/x',
      headers: { origin: 'https://other.example.test', 'access-control-request-method': 'GET' },
    },
    '204 read -',
  ],
];

for (const [version, ask] of Object.entries({ 'HTTP/1.1': overHttp1, 'HTTP/2': overHttp2 })) {
  for (const [what, asked, came] of CASES) {
    test(`${what}: ${came}, over ${version}`, async () => {
      const { status, allow } = await ask(asked);

      const { route = '-', service = '-' } = (await gateway.record()) as Record<string, string>;
      const words = [status, route, service, ...(allow === undefined ? [] : [allow])];
      assert.equal(words.join(' '), came);
    });
  }
}
