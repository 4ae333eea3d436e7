import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-explain-'));
  const policy = `version: 1
tenants: { id: identity.claims.org, tier: { default: free } }
tiers: { free: { rate: 5/s, burst: 10, concurrent: 4 } }
gateway: { defaults: { auth: api, timeout: { total: 30s } }, trustedProxies: [10.0.0.0/8] }
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

function explain(...args: string[]): { status: number | null; lines: string[]; stderr: string } {
  const argv = ['--conditions=source', MAIN, 'explain', folder, ...args];
  const done = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 20_000 });
  const text = done.stdout.replaceAll(`${folder}/`, '').replace(/ +/g, ' ');
  return { ...done, lines: text.split('\n').slice(0, -1) };
}

function withoutRule(lines: readonly string[]): string[] {
  return lines.filter((line) => !line.startsWith('rule '));
}

test('tells what holds where the request ends, and the file and line that decided it', () => {
  const { lines } = explain('--url', 'https://shop.example.test/keys');

  assert.deepEqual(
    lines.filter((line) => line.startsWith('rule ')),
    [
      'rule service shop policy.yaml:12:5 (route)',
      'rule auth api policy.yaml:4:24 (gateway.defaults)',
      'rule require { claims: { groups: staff } } policy.yaml:14:5 (route)',
      'rule require { acr: high } policy.yaml:20:28 (path)',
      'rule limits { rate: 100/s, mode: shadow } policy.yaml:15:5 (route)',
      'rule body 10MiB, set back policy.yaml:20:97 (path)',
      'rule websocket true by default',
      'rule timeout.connect 3s by default',
      'rule timeout.response 5s policy.yaml:7:53 (service)',
      'rule timeout.idle 5m by default',
      'rule timeout.stream 1h by default',
      'rule timeout.total 30s policy.yaml:4:46 (gateway.defaults)',
      'rule headers.identity.X-User identity.subject policy.yaml:16:28 (route)',
      'rule headers.identity.x-org tenant.id policy.yaml:20:75 (path)',
      'rule headers.lists json by default',
      'rule headers.preset off by default',
      'rule path.encodedSlash refuse by default',
      'rule path.parameters refuse by default',
      'rule path.emptySegments refuse by default',
    ],
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
    'tenant 192.0.2.1 (by client address), tier free, limits of tiers.free',
    'limit tiers.free.rate 5/s, burst 10',
    'limit tiers.free.concurrent 4 at the same time',
    'limit routes.shop.rate 100/s (shadow: counted, not enforced)',
    'outcome forwarded to service shop as /health?deep=1',
  ]);
});

test('tells whose client a trusted proxy names, and believes nobody else', () => {
  const url = ['--url', 'https://shop.example.test/health'];
  const field = ['--header', 'X-Forwarded-For: 203.0.113.9'];

  assert.deepEqual(withoutRule(explain(...url, ...field, '--from', '10.0.0.1').lines).slice(0, 3), [
    'client 203.0.113.9, by the word of trusted proxy 10.0.0.1',
    'route shop, path /health takes /health policy.yaml:19:7',
    'tenant 203.0.113.9 (by client address), tier free, limits of tiers.free',
  ]);
  assert.equal(
    withoutRule(explain(...url, ...field, '--from', '192.0.2.66').lines)[1],
    'tenant 192.0.2.66 (by client address), tier free, limits of tiers.free',
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
    ['--jwt', 'abc'],
    [
      'provider api: denied with 401, jwt.malformed',
      'outcome 401 credential_rejected',
      'reason jwt.malformed',
    ],
  ],
  [
    'the same token as a field',
    ['--header', 'Authorization: Bearer abc'],
    [
      'provider api: denied with 401, jwt.malformed',
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
      'tenant acme (by claim), tier free',
      'limit tiers.free.rate',
      'limit tiers.free.concurrent',
      'limit routes.shop.rate',
      'header x-user: alice',
      'outcome forwarded to service shop as /orders',
    ],
  ],
] as const) {
  test(`explains ${name}`, () => {
    const { status, lines } = explain('--url', 'https://shop.example.test/orders', ...args);

    assert.equal(status, 0);
    assert.equal(lines[0], 'route shop, path /** takes /orders policy.yaml:10:3');
    assert.deepEqual(
      withoutRule(lines.slice(1)).map((line, i) => line.slice(0, expected[i]?.length)),
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

for (const [option, value, wanted] of [
  ['--url', 'nonsense', /It must be a whole address/],
  ['--header', 'no colon', /It must be "Name: value"/],
  ['--claims', '[1]', /It must be a JSON object/],
] as const) {
  test(`refuses ${option} ${value} with what it must be`, () => {
    const { status, stderr } = explain(option, value);

    assert.equal(status, 1);
    assert.match(stderr, wanted);
  });
}
