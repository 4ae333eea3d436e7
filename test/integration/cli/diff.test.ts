import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

const POLICY = `version: 1
tenants: { id: identity.claims.org, tier: { default: free } }
tiers: { free: { rate: 10/s } }
providers:
  corp: { plugin: jwt, issuer: https://login.example.test, audience: web, timeout: 1s }
  api: { plugin: jwt, issuer: https://api.example.test, audience: web }
services: { web: { address: "web:8080" } }
routes:
  web:
    host: ["*.example.test"]
    service: web
    auth: [corp, api]
    require: { claims: { groups: staff }, maxAge: 1h }
    cors: { origins: [https://a.example.test], methods: [GET] }
    paths:
      /public/**: { auth: public }
      /both: { auth: { all: [corp, api] } }
      /a*b: { limits: { concurrent: 3 }, headers: { identity: { x-org: tenant.id } } }
  pass: { host: pass.example.org, service: web, passthrough: true, from: { allow: [10.0.0.0/8, 192.0.2.7] } }
  shop: { host: shop.example.org, service: web, auth: api, paths: { /open: { auth: public } } }
  later: { host: later.example.org, auth: public, respond: { body: later } }
gateway: { trustedProxies: [10.0.0.0/8] }
`.replace('/a*b', '/limited');

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-diff-'));
  for (const name of ['old', 'new']) mkdirSync(join(folder, name));
});
after(() => rmSync(folder, { recursive: true }));

/** Lines of the difference that replacing `from` by `to` makes, without places. */
function diff(from: string | RegExp, to: string, ...args: string[]) {
  writeFileSync(join(folder, 'old/policy.yaml'), POLICY);
  writeFileSync(join(folder, 'new/policy.yaml'), POLICY.replace(from, to));
  const argv = ['--conditions=source', MAIN, 'diff', join(folder, 'old'), join(folder, 'new')];
  const done = spawnSync(process.execPath, [...argv, ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  const lines = done.stdout
    .split('\n')
    .slice(0, -1)
    .map((line) =>
      line
        .replace(/ {2}\S+:\d+:\d+$/, '')
        .replaceAll(/ +/g, ' ')
        .trim(),
    );
  return { status: done.status, lines, stdout: done.stdout, stderr: done.stderr };
}

const CASES: readonly [what: string, from: string, to: string, expected: string[]][] = [
  [
    'fields that are set, added and removed, and a preset',
    'headers: { identity: { x-org: tenant.id } }',
    'headers: { identity: { x-org: tenant.id }, preset: web, request: { set: { x-user: "{identity.subject}" }, remove: [x-debug] }, response: { add: { x-list: [a, b] }, remove: [server, x-frame-options] } }',
    [
      'closes *.example.test/limited no longer lets the field x-debug pass',
      'changes *.example.test/limited fields for the application: set x-user: {identity.subject}, before: as they come',
      'changes *.example.test/limited fields for the client: add x-list: a | b, no server, no x-frame-options, before: as they come',
      'changes *.example.test/limited headers.preset: web (x-content-type-options, referrer-policy, permissions-policy, cross-origin-opener-policy, cross-origin-resource-policy), before: off',
    ],
  ],
  [
    'a path that becomes public',
    '/both: { auth: { all: [corp, api] } }',
    '/both: { auth: public }',
    ['opens *.example.test/both asks for no login, before: corp and api'],
  ],
  ['one of two providers is enough', 'all: [corp, api]', 'all: [api, corp]', ['Nothing changes.']],
  [
    'a provider less',
    'auth: [corp, api]',
    'auth: [api]',
    [
      'closes *.example.test/limited asks for api, before: corp or api',
      'closes *.example.test/** asks for api, before: corp or api',
    ],
  ],
  [
    'a login that becomes optional',
    'auth: api, paths',
    'auth: { optional: api }, paths',
    ['opens shop.example.org/** asks for api, or no login, before: api'],
  ],
  [
    'a public path with an optional login',
    '/open: { auth: public }',
    '/open: { auth: { optional: [corp, api] } }',
    ['changes shop.example.org/open asks for corp or api, or no login, before: no login'],
  ],
  [
    'an expression more',
    'auth: api, paths',
    'auth: api, require: { when: identity.claims.a == 1 }, paths',
    ['closes shop.example.org/** requires when identity.claims.a == 1'],
  ],
  [
    'both where one was enough',
    '/limited: { ',
    '/limited: { auth: { all: [corp, api] }, ',
    ['closes *.example.test/limited asks for corp and api, before: corp or api'],
  ],
  [
    'a requirement less and one more',
    'groups: staff',
    'team: blue',
    [
      'opens *.example.test/both no longer requires groups "staff"',
      'opens *.example.test/limited no longer requires groups "staff"',
      'opens *.example.test/** no longer requires groups "staff"',
      'closes *.example.test/both requires team "blue"',
      'closes *.example.test/limited requires team "blue"',
      'closes *.example.test/** requires team "blue"',
    ],
  ],
  [
    'an older login',
    'maxAge: 1h',
    'maxAge: 2h',
    [
      'opens *.example.test/both the login may be at most 7200s old, before: at most 3600s',
      'opens *.example.test/limited the login may be at most 7200s old, before: at most 3600s',
      'opens *.example.test/** the login may be at most 7200s old, before: at most 3600s',
    ],
  ],
  [
    'proxies that are believed, and others that are not any more',
    'trustedProxies: [10.0.0.0/8]',
    'trustedProxies: { from: [10.1.0.0/16, "2001:db8::/32"], field: forwarded }',
    [
      'opens gateway.trustedProxies believes 10.1.0.0/16',
      'opens gateway.trustedProxies believes 2001:db8::/32',
      'opens gateway.trustedProxies.field forwarded, before: not set',
      'closes gateway.trustedProxies no longer believes 10.0.0.0/8',
    ],
  ],
  [
    'a balancer that speaks the PROXY protocol',
    'trustedProxies: [10.0.0.0/8]',
    'trustedProxies: [10.0.0.0/8], listen: { proxyProtocol: { from: [10.0.0.1] } }',
    [
      'opens gateway.listen.proxyProtocol.from takes the client from the PROXY protocol of 10.0.0.1',
    ],
  ],
  [
    'a balancer that ends TLS',
    'trustedProxies: [10.0.0.0/8]',
    'trustedProxies: [10.0.0.0/8], publicPort: 443, listen: { plain: { address: 8088, from: [10.0.0.1] } }',
    [
      'opens gateway.listen.plain.from takes requests without TLS from 10.0.0.1',
      'changes gateway.publicPort 443, before: not set',
      'changes gateway.listen.plain.address 8088, before: not set',
    ],
  ],
  [
    'addresses that a path takes, and others that the gateway does not',
    '/limited: { ',
    '/limited: { from: { allow: [10.0.0.0/8], deny: [10.0.0.1] }, ',
    [
      'closes *.example.test/limited only takes clients of 10.0.0.0/8',
      'closes *.example.test/limited refuses clients of 10.0.0.1',
    ],
  ],
  [
    'a list of the gateway',
    'trustedProxies: [10.0.0.0/8]',
    'trustedProxies: [10.0.0.0/8], from: { allow: [10.0.0.0/8, 192.0.2.7], deny: [10.0.0.1] }',
    [
      'closes gateway.from.allow only takes clients of 10.0.0.0/8, 192.0.2.7',
      'closes gateway.from.deny refuses clients of 10.0.0.1',
    ],
  ],
  [
    'addresses of a passthrough route',
    'allow: [10.0.0.0/8, 192.0.2.7] }',
    'allow: [10.0.0.0/8, 198.51.100.7], deny: [10.0.0.1] }',
    [
      'opens TLS of pass.example.org takes clients of 198.51.100.7',
      'closes TLS of pass.example.org no longer takes clients of 192.0.2.7',
      'closes TLS of pass.example.org refuses clients of 10.0.0.1',
    ],
  ],
  [
    'a passthrough route for everybody',
    'passthrough: true, from: { allow: [10.0.0.0/8, 192.0.2.7] } }',
    'passthrough: true }',
    [
      'opens TLS of pass.example.org takes clients of any address, before: of 10.0.0.0/8, 192.0.2.7',
    ],
  ],
  [
    'another passthrough host, service and ceiling',
    'host: pass.example.org, service: web, passthrough: true,',
    'host: [pass.example.org, "*.pass.example.org"], service: mail, limits: { connections: 9 }, passthrough: true,',
    [
      'opens TLS of *.pass.example.org is new: it goes through to mail',
      'changes TLS of pass.example.org service: mail, before: web',
      'changes TLS of pass.example.org limits.connections: 9, before: none',
    ],
  ],
  [
    'a host whose TLS is terminated now',
    'passthrough: true, from: { allow: [10.0.0.0/8, 192.0.2.7] } }',
    'auth: api }',
    [
      'opens pass.example.org/** is new: it goes to web and asks for api',
      'closes TLS of pass.example.org is not passed through any more',
    ],
  ],
  [
    'the long form of the same proxies',
    'trustedProxies: [10.0.0.0/8]',
    'trustedProxies: { from: [10.0.0.0/8] }',
    ['Nothing changes.'],
  ],
  [
    'a path that is gone falls to the rule around it',
    '      /public/**: { auth: public }\n',
    '',
    ['closes *.example.test/public/** asks for corp or api, before: no login'],
  ],
  [
    'a method that a path no longer takes, and one that it takes now',
    '      /public/**: { auth: public }\n',
    '      /public/**: { auth: public, methods: [GET] }\n',
    ['closes other methods of *.example.test/public/** is not served any more'],
  ],
  [
    'another route for some requests of a path',
    'routes:\n',
    'routes:\n  write: { host: "*.example.test", auth: public, paths: { /both: { service: web, methods: [POST] } } }\n',
    [
      'opens POST of *.example.test/both asks for no login, before: corp and api',
      'closes POST of *.example.test/both no longer lets scripts of https://a.example.test pass',
      'closes POST of *.example.test/both no longer lets the CORS method GET pass',
      'closes POST of *.example.test/both no longer lets the CORS method HEAD pass',
      'closes POST of *.example.test/both no longer lets the CORS method POST pass',
    ],
  ],
  [
    'a path with a service of its own',
    '/both: {',
    '/both: { service: other,',
    ['changes *.example.test/both service: other, before: web'],
  ],
  [
    'a host that is new',
    'host: ["*.example.test"]',
    'host: ["*.example.test", b.test]',
    [
      'opens b.test/both is new: it goes to web and asks for corp and api',
      'opens b.test/limited is new: it goes to web and asks for corp or api',
      'opens b.test/public/** is new: it goes to web and asks for no login',
      'opens b.test/** is new: it goes to web and asks for corp or api',
    ],
  ],
  [
    'a narrower host',
    '"*.example.test"',
    'a.example.test',
    [
      'closes *.example.test/both is not served any more',
      'closes *.example.test/limited is not served any more',
      'closes *.example.test/public/** is not served any more',
      'closes *.example.test/** is not served any more',
    ],
  ],
  [
    'limits and headers of a path',
    '{ concurrent: 3 }, headers: { identity: { x-org: tenant.id } }',
    '{ rate: 5/s }',
    [
      'changes *.example.test/limited limits of the path: 5/s, before: 3 at the same time',
      'changes *.example.test/limited identity headers: none, before: x-org from tenant.id',
    ],
  ],
  [
    'the content of an answer',
    'body: later',
    'body: never',
    [
      'changes later.example.org/** body of the answer: 5 octets (sha256 6497e4b3), before: 5 octets (sha256 1d9283d8)',
    ],
  ],
  ['a tier', 'rate: 10/s', 'rate: 20/s', ['changes tiers.free.rate 20/s, before: 10/s']],
  [
    'what a provider accepts',
    'issuer: https://api.example.test',
    'issuer: https://api2.example.test',
    ['opens providers.api.issuer https://api2.example.test, before: https://api.example.test'],
  ],
  [
    'how long a provider may take',
    'timeout: 1s',
    'timeout: 2s',
    ['changes providers.corp.timeout 2s, before: 1s'],
  ],
  [
    'a routing key',
    'web:8080',
    'web:9090',
    ['changes services.web.address web:9090, before: web:8080'],
  ],
];

for (const [what, from, to, expected] of CASES) {
  test(`says what changes: ${what}`, () => {
    assert.ok(POLICY.includes(from));

    const { status, lines, stderr } = diff(from, to);

    assert.deepEqual(lines, expected, stderr);
    assert.equal(status, expected.some((line) => line.startsWith('opens')) ? 1 : 0);
  });
}

test('--allow: what opens is meant', () => {
  assert.equal(diff('auth: { all: [corp, api] }', 'auth: public', '--allow').status, 0);
});

test('a secret is never shown, and another one is still told', () => {
  const login = (secret: string) =>
    `  corp: { plugin: oidc, issuer: https://login.example.test, loginHosts: [a.example.test], client: { id: web, secret: ${secret} } }`;
  writeFileSync(
    join(folder, 'old/policy.yaml'),
    POLICY.replace(/ {2}corp: .*/, login('first-secret-0001')),
  );
  writeFileSync(
    join(folder, 'new/policy.yaml'),
    POLICY.replace(/ {2}corp: .*/, login('other-secret-0002')),
  );
  const argv = ['--conditions=source', MAIN, 'diff', join(folder, 'old'), join(folder, 'new')];

  const { stdout, status } = spawnSync(process.execPath, argv, {
    encoding: 'utf8',
    timeout: 20_000,
  });

  assert.match(stdout, /^changes {2}providers\.corp\.client\.secret {2}another secret/);
  assert.doesNotMatch(stdout, /000[12]/);
  assert.equal(status, 0);
});

test('--format json gives kind, place and words of each change', () => {
  const { stdout } = diff('rate: 10/s', 'rate: 20/s', '--format', 'json');

  const [change] = JSON.parse(stdout);
  assert.deepEqual(
    { ...change, position: { ...change.position, file: '' } },
    {
      kind: 'changes',
      where: 'tiers.free.rate',
      what: '20/s, before: 10/s',
      position: { file: '', line: 3, column: 24 },
    },
  );
});

test('a policy with errors is refused with them', () => {
  const { status, stderr } = diff('service: web', 'sevice: web');

  assert.equal(status, 2);
  assert.match(stderr, /E102.*sevice/);
});
