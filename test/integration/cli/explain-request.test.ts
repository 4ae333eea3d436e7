import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import type { Explanation } from '../../../src/app/explain/explanation.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-explain-'));
  const policy = `version: 1
tenants: { id: identity.claims.org, tier: { default: free } }
tiers: { free: { rate: 5/s, burst: 10, concurrent: 4, connections: 2 } }
gateway: { defaults: { auth: api, timeout: { total: 30s } }, trustedProxies: [10.0.0.0/8], publicPort: 443 }
providers:
  api: { plugin: jwt, issuer: https://login.example.test, audience: web }
services: { shop: { address: "web:8080", timeout: { response: 5s } } }
profiles: { bulk: { body: 1GiB } }
routes:
  shop:
    host: shop.example.test
    service: shop
    auth: api
    require: { claims: { groups: staff } }
    limits: { rate: 100/s, mode: shadow }
    headers: { identity: { X-User: identity.subject } }
    body: 1MiB
    paths:
      /health: { auth: public }
      /keys: { auth: null, require: { acr: high }, headers: { identity: { x-org: tenant.id } }, body: null }
      /bulk: { use: [bulk] }
`;
  writeFileSync(join(folder, 'policy.yaml'), policy);
});

after(() => rmSync(folder, { recursive: true }));

function explain(...args: string[]) {
  const argv = ['--conditions=source', MAIN, 'explain', folder, ...args];
  const done = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 20_000 });
  const text = done.stdout.replaceAll(`${folder}/`, '').replace(/ +/g, ' ');
  return { ...done, lines: text.split('\n').slice(0, -1) };
}

function withoutRule(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.startsWith('rule '));
}

function linesOf(lines: readonly string[], label: string): string[] {
  return lines.filter((line) => line.startsWith(`${label} `));
}

test('tells what was written where the request ends, and the file and line that decided it', () => {
  const { lines } = explain('--url', 'https://shop.example.test/keys');

  assert.deepEqual(linesOf(lines, 'rule'), [
    'rule service shop policy.yaml:12:5 (route)',
    'rule auth api policy.yaml:4:24 (gateway.defaults)',
    'rule require { claims: { groups: staff } } policy.yaml:14:5 (route)',
    'rule require { acr: high } policy.yaml:20:28 (path)',
    'rule limits { rate: 100/s, mode: shadow } policy.yaml:15:5 (route)',
    'rule body 10MiB, set back policy.yaml:20:97 (path)',
    'rule timeout.response 5s policy.yaml:7:53 (service)',
    'rule timeout.total 30s policy.yaml:4:46 (gateway.defaults)',
    'rule headers.identity.X-User identity.subject policy.yaml:16:28 (route)',
    'rule headers.identity.x-org tenant.id policy.yaml:20:75 (path)',
  ]);
  assert.deepEqual(linesOf(lines, 'default'), []);
});

test('--defaults tells what holds without being written, and the page of each key', () => {
  const { lines } = explain('--url', 'https://shop.example.test/keys', '--defaults');

  const page = 'docs/policy-reference.md#routes';
  assert.deepEqual(
    linesOf(lines, 'default'),
    [
      'redirect none',
      'respond none',
      'rewrite none',
      'methods any',
      'matchHeaders none',
      'from none',
      'websocket true',
      'timeout.connect 3s',
      'timeout.idle 5m',
      'timeout.stream 1h',
      'headers.lists json',
      'headers.request.set none',
      'headers.request.add none',
      'headers.request.remove none',
      'headers.response.set none',
      'headers.response.add none',
      'headers.response.remove none',
      'headers.preset off',
      'forwardHeaders none',
      'path.encodedSlash refuse',
      'path.parameters refuse',
      'path.emptySegments refuse',
      'cors none',
    ].map((text) => `default ${text} ${page}`),
  );
});

test('tells the profile that decided a value, and where the profile says it', () => {
  const { lines } = explain('--url', 'https://shop.example.test/bulk');

  assert.ok(lines.includes('rule body 1GiB policy.yaml:8:21 (profile bulk)'), lines.join('\n'));
});

test('tells route, tenant, limits and service of a request to a public path', () => {
  const { status, lines } = explain('--url', 'https://shop.example.test/health?deep=1');

  assert.equal(status, 0);
  assert.deepEqual(withoutRule(lines), [
    'route shop, path /health takes /health policy.yaml:19:7',
    'tenant 192.0.2.1 (by client address)',
    'tier free, limits of tiers.free policy.yaml:3:10',
    'limit tiers.free.connections 2 connections, starts with 2 policy.yaml:3:55',
    'limit tiers.free.rate 5/s, starts with 10 policy.yaml:3:18',
    'limit tiers.free.concurrent 4 at the same time, starts with 4 policy.yaml:3:40',
    'limit routes.shop.rate 100/s, starts with 100 (shadow: counted, not enforced) policy.yaml:15:15',
    'header host: shop.example.test',
    'header forwarded: for=192.0.2.1;host=shop.example.test;proto=https',
    'header x-forwarded-for: 192.0.2.1',
    'header x-forwarded-proto: https',
    'header x-forwarded-host: shop.example.test',
    'header x-forwarded-port: 443',
    'header via: 1.1 fairlead',
    'outcome forwarded to service shop as GET /health?deep=1, by routing key web:8080',
  ]);
});

test('tells whose client a trusted proxy names, and believes nobody else', () => {
  const url = ['--url', 'https://shop.example.test/health'];
  const field = ['--header', 'X-Forwarded-For: 203.0.113.9'];

  assert.deepEqual(withoutRule(explain(...url, ...field, '--from', '10.0.0.1').lines).slice(0, 3), [
    'client 203.0.113.9, by the word of trusted proxy 10.0.0.1',
    'route shop, path /health takes /health policy.yaml:19:7',
    'tenant 203.0.113.9 (by client address)',
  ]);
  assert.equal(
    withoutRule(explain(...url, ...field, '--from', '192.0.2.66').lines)[1],
    'tenant 192.0.2.66 (by client address)',
  );
  assert.match(explain(...url, '--from', 'nearby').stderr, /It must be an IP address/);
});

for (const [name, args, expected] of [
  [
    'a request without a credential',
    [],
    [
      'provider api: no credential of its kind',
      'outcome 401 authentication_required at gate authenticate: ',
      'reason auth.no_credential',
    ],
  ],
  [
    'a token that is none',
    ['--header', 'Authorization: Bearer abc'],
    [
      'provider api: denied, jwt.malformed',
      'outcome 401 credential_rejected',
      'reason jwt.malformed',
    ],
  ],
  [
    'claims that do not meet what is required',
    ['--claims', '{"sub":"alice","org":"acme"}'],
    [
      'provider api: identity alice',
      'outcome 403 forbidden at gate require',
      'reason require.claims: the claim groups is missing',
    ],
  ],
  [
    'claims that meet it',
    ['--claims', '{"sub":"alice","org":"acme","groups":["staff"]}'],
    [
      'provider api: identity alice',
      'tenant acme (by claim) policy.yaml:2:12',
      'tier free, limits of tiers.free',
      'limit tiers.free.connections',
      'limit tiers.free.rate',
      'limit tiers.free.concurrent',
      'limit routes.shop.rate',
      'header x-user: alice',
      'outcome forwarded to service shop as GET /orders',
    ],
  ],
] as const) {
  test(`explains ${name}`, () => {
    const { status, lines } = explain('--url', 'https://shop.example.test/orders', ...args);

    assert.equal(status, 0);
    assert.equal(lines[0], 'route shop, path /** takes /orders policy.yaml:10:3');
    assert.deepEqual(
      withoutRule(lines.slice(1))
        .filter((line) => !line.startsWith('header ') || line.includes('x-user'))
        .map((line, i) => line.slice(0, expected[i]?.length)),
      expected,
    );
  });
}

test('says when no route has the host, and where the gateway answers itself', () => {
  assert.match(
    explain('--url', 'https://nope.example.test/').lines.join('\n'),
    /404 no_route at gate route/,
  );
  const own = explain('--url', 'https://shop.example.test/.fairlead/session').lines;
  assert.deepEqual(own, ["outcome answered by the gateway's own page /.fairlead/session"]);
});

test('a host that no route has is told with the nearest one, and is exit code 1', () => {
  const { status, lines } = explain('--url', 'https://shpo.example.test/');

  assert.equal(status, 1);
  assert.equal(
    lines.at(-1),
    'hint no route has the host shpo.example.test; did you mean "shop.example.test"?',
  );
});

test('a host whose connections pass through is told, as no request is read there', () => {
  writeFileSync(
    join(folder, 'mail.yaml'),
    'version: 1\nroutes: { mail: { host: mail.example.test, service: mail, passthrough: true } }\n',
  );
  const { status, lines } = explain('--url', 'https://mail.example.test/');
  rmSync(join(folder, 'mail.yaml'));

  assert.equal(status, 0);
  assert.match(lines.at(-1)!, /^hint connections for mail.example.test go on to service mail unt/);
});

test('names the addresses to register at the provider, of every host that asks it', () => {
  writeFileSync(
    join(folder, 'login.yaml'),
    `version: 1
providers:
  corp: { plugin: oidc, issuer: https://login.example.test, client: { id: web, secret: not-a-real-secret-at-all } }
routes:
  one: { host: one.example.test, service: shop, auth: corp }
  two: { host: [two.example.test, three.example.test], service: shop, auth: public, paths: { /in: { auth: [api, corp] } } }
`,
  );
  const args = ['--url', 'https://two.example.test/in', '--claims', '{"org":"a"}'];
  const { status, lines, stderr } = explain(...args);
  rmSync(join(folder, 'login.yaml'));

  assert.equal(status, 0, stderr);
  const uris = ['one', 'two', 'three'].map(
    (name) =>
      `register corp: redirect URI https://${name}.example.test/.fairlead/corp/callback login.yaml:3:3`,
  );
  assert.deepEqual(
    linesOf(lines, 'register').filter((line) => line.includes(': redirect URI')),
    uris,
  );
  assert.equal(linesOf(lines, 'register').length, 12);
  assert.ok(lines.includes('provider corp: not asked login.yaml:3:3'));
});

test('--format json has the same facts, and of credentials only that they are there', () => {
  const args = ['--claims', '{"sub":"alice","org":"acme","groups":["staff"]}', '--defaults'];
  const sent = ['--header', 'Cookie: a=s3cret', '--header', 'Authorization: Bearer s3cret'];
  const url = ['--url', 'https://shop.example.test/orders?q=1'];
  const { status, stdout } = explain(...url, ...args, ...sent, '--format', 'json');

  const told = JSON.parse(stdout.replaceAll(`${folder}/`, '')) as Explanation;
  assert.equal(status, 0);
  assert.deepEqual(told.request, {
    method: 'GET',
    host: 'shop.example.test',
    path: '/orders',
    version: '1.1',
    client: '192.0.2.1',
  });
  assert.deepEqual([told.outcome, told.gate], ['allowed', 'forward']);
  assert.deepEqual([told.route?.name, told.route?.at], ['shop', 'policy.yaml:10:3']);
  assert.deepEqual(told.route?.rules[1], {
    field: 'auth',
    text: 'api',
    at: 'policy.yaml:13:5',
    level: 'route',
  });
  assert.deepEqual(told.providers, [
    { provider: 'api', said: 'identity', at: 'policy.yaml:6:3', subject: 'alice', issuer: 'api' },
  ]);
  assert.deepEqual(told.tenant, {
    id: 'acme',
    kind: 'claim',
    tier: 'free',
    limits: 'tiers.free',
    at: 'policy.yaml:2:12',
    tierAt: 'policy.yaml:3:10',
  });
  assert.deepEqual(told.limits[1], {
    name: 'tiers.free.rate',
    amount: '5/s',
    startsWith: 10,
    mode: 'enforce',
    at: 'policy.yaml:3:18',
  });
  const { headers, ...application } = told.application!;
  assert.deepEqual(application, {
    service: 'shop',
    way: 'routing key web:8080',
    method: 'GET',
    target: '/orders?q=1',
  });
  const field = (wanted: string) => headers.find(({ name }) => name === wanted)?.value;
  assert.deepEqual([field('x-user'), field('cookie')], ['alice', '[redacted]']);
  assert.ok(!stdout.includes('s3cret'));
  assert.deepEqual(told.defaults?.[0], {
    field: 'redirect',
    text: 'none',
    documented: 'docs/policy-reference.md#routes',
  });
});

for (const [name, args, wanted] of [
  ['no URL', ['--url', 'nonsense/'], /did you mean https:\/\/nonsense\/\?/],
  ['a URL without a host', ['--url', 'https:///x'], /a whole address with a host/],
  ['a header without a colon', ['--header', 'no colon'], /It must be "Name: value"/],
  ['claims that are no object', ['--claims', '[1]'], /It must be a JSON object/],
  ['claims that are no JSON', ['--claims', '{sub}'], /It must be a JSON object/],
  ['a JWT that is none', ['--jwt', 'abc'], /It must be a JWT: three parts/],
  ['a JWT without a head', ['--jwt', 'a.b.c'], /It must be a JWT: three parts/],
  ['a method that is none', ['--method', 'GET /'], /It must be a method/],
  ['an option that is none', ['--cert', 'x'], /unknown option '--cert'/],
  ['a request without its URL', ['--method', 'POST'], /option '--method' needs --url/],
  ['defaults of no request', ['--defaults'], /option '--defaults' needs --url/],
  ['an admin address without an id', ['--admin', 'x:1'], /option '--admin' needs --id/],
  [
    'two forms at once',
    ['--service', 'shop', '--url', 'https://shop.example.test/'],
    /'--service <name>' cannot be used with option '--url <url>'/,
  ],
  ['an admin address that is none', ['--id', 'x', '--admin', 'no where'], /is no address/],
  [
    'a token file that is not there',
    ['--id', 'x', '--admin', '127.0.0.1:1', '--token-file', 'nowhere'],
    /nowhere \(--token-file\) cannot be read: ENOENT/,
  ],
  ['a gateway that does not run', ['--id', 'x', '--admin', '127.0.0.1:1'], /cannot be asked \(/],
] as const) {
  test(`${name} is one sentence and exit code 2`, () => {
    const { status, stdout, stderr } = explain(...args);

    assert.equal(status, 2);
    assert.match(stderr, wanted);
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.equal(stdout, '');
  });
}
