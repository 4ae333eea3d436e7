import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

const POLICY = `version: 1
tenants: { id: identity.claims.org, tier: { from: identity.claims.plan, default: free } }
tiers: { free: { rate: 10/s, concurrent: 20 }, gold: { rate: [1000/s, 9000/m], concurrent: 500 } }
providers:
  corp:
    plugin: oidc
    issuer: https://login.example.test/realms/main
    client: { id: web, secret: a-secret-of-the-test }
  api: { plugin: jwt, issuer: https://login.example.test/realms/main, audience: web }
  spare: { plugin: jwt, issuer: https://spare.example.test, audience: web }
services: { web: { address: "web:8080" } }
routes:
  web:
    host: [app.example.test, a.app.example.test]
    service: web
    auth: [api, corp]
    body: 1KiB
    cors: { origins: [https://other.example.test], methods: [POST] }
    paths:
      /public/**: { auth: public }
      /staff/**: { require: { claims: { groups: staff }, maxAge: 1h } }
      /both: { auth: { all: [api, corp] } }
      /strong: { require: { acr: mfa } }
      /old: { auth: public, redirect: { path: /new } }
      /office: { auth: public, from: { allow: [198.51.100.0/24] } }
  spare: { host: spare.example.test, service: web, auth: spare }
gateway: { trustedProxies: [10.0.0.0/8] }
`;

const CASES = `
tests:
  - name: a browser without a session is sent to its login
    request:
      url: https://app.example.test/
      headers: { Accept: text/html, Sec-Fetch-Mode: navigate, Sec-Fetch-Dest: document }
    expect: { outcome: challenge, status: 302, code: authentication_required, provider: corp, identity: none }
  - name: a program without a credential is told how to log in
    request: { url: https://app.example.test/, headers: { accept: application/json } }
    expect: { outcome: challenge, status: 401 }
  - name: a gold tenant has the limits of gold
    request: { url: https://a.app.example.test/v1?x=1 }
    as: { provider: api, claims: { sub: u1, org: acme, plan: gold } }
    expect:
      outcome: allow
      route: web
      path: /**
      service: web
      forwarded: /v1?x=1
      provider: api
      identity: u1
      tenant: acme
      tier: gold
      rate: [1000/s, 9000/m]
      concurrent: 500
  - name: public paths need no login
    request: { url: https://app.example.test/public/logo.svg, from: 198.51.100.7 }
    expect: { outcome: allow, identity: none, tenant: 198.51.100.7, tier: free, path: /public/** }
  - name: behind a trusted proxy the client is who the proxy names
    request:
      url: https://app.example.test/public/logo.svg
      from: 10.0.0.1
      headers: { x-forwarded-for: "203.0.113.66, 198.51.100.8" }
    expect: { outcome: allow, tenant: 198.51.100.8 }
  - name: the office sees its page
    request: { url: https://app.example.test/office, from: 198.51.100.9 }
    expect: { outcome: allow, path: /office }
  - name: nobody else does
    request: { url: https://app.example.test/office }
    expect: { outcome: refuse, status: 403, code: address_not_allowed, reason: address.not_allowed }
  - name: a bad token does not fall through to the login
    request: { url: https://app.example.test/ }
    as: { provider: api, rejected: true }
    expect: { outcome: refuse, status: 401, code: credential_rejected, provider: api, reason: explain.rejected }
  - name: staff who logged in too long ago log in again
    request: { url: https://app.example.test/staff/list }
    as: { provider: api, claims: { sub: u1, org: acme, groups: [staff] }, age: 2h }
    expect: { outcome: challenge, code: step_up_required }
  - name: both must prove who they are
    request: { url: https://app.example.test/both }
    as: [{ provider: api, claims: { sub: machine, org: acme } }, { provider: corp, claims: { sub: u2 } }]
    expect: { outcome: allow, identity: machine }
  - name: a large upload is refused
    request: { url: https://app.example.test/, method: POST, body: 2KiB }
    as: { provider: api, claims: { sub: u1, org: acme } }
    expect: { outcome: refuse, status: 413, reason: limit.body, tenant: acme }
  - name: a script of another site asks first
    request:
      url: https://app.example.test/
      method: OPTIONS
      headers: { origin: https://other.example.test, access-control-request-method: POST }
    expect: { outcome: preflight, status: 204 }
  - name: nothing is served elsewhere
    request: { url: https://elsewhere.example.test/ }
    expect: { outcome: refuse, status: 404, code: no_route }
`;

/** Each key of \`expect\` once, and each is wrong. */
const WRONG = `
tests:
  - name: everything is otherwise
    request: { url: https://app.example.test/x }
    as: { provider: api, claims: { sub: u1, org: acme } }
    expect:
      outcome: refuse
      status: 403
      code: forbidden
      reason: jwt.expired
      route: other
      path: /x
      service: other
      forwarded: /y
      provider: corp
      identity: none
      tenant: beta
      tier: gold
      rate: 11/s
      concurrent: 21
`;

let folder: string;

before(() => (folder = mkdtempSync(join(tmpdir(), 'fairlead-test-'))));
after(() => rmSync(folder, { recursive: true }));

function run(cases: string, ...args: string[]) {
  writeFileSync(join(folder, 'policy.yaml'), POLICY);
  writeFileSync(join(folder, 'tests.yaml'), `version: 1\n${cases}`);
  const argv = ['--conditions=source', MAIN, 'test', folder, ...args];
  // picocolors colours what a CI runs; what goes into a pipe or a file stays plain there too.
  const env = { ...process.env, CI: 'true' };
  const done = spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 20_000, env });
  return { ...done, stdout: done.stdout.replaceAll(`${folder}/`, '') };
}

test('runs every case and says which passed', () => {
  const { status, stdout } = run(CASES);

  assert.doesNotMatch(stdout, /FAIL/);
  assert.match(stdout, /^pass {2}a browser without a session is sent to its login\n/);
  assert.match(stdout, /\n13 passed\n$/);
  assert.equal(status, 0);
});

test('names what was otherwise, each key of expect, and where the case stands', () => {
  const { status, stdout } = run(WRONG);

  assert.deepEqual(
    stdout.split('\n').map((line) => line.replaceAll(/ +/g, ' ').trim()),
    [
      'FAIL everything is otherwise tests.yaml:4:5',
      'outcome expected refuse, found allow',
      'status expected 403, found none',
      'code expected forbidden, found none',
      'reason expected jwt.expired, found none',
      'route expected other, found web',
      'path expected /x, found /**',
      'service expected other, found web',
      'forwarded expected /y, found /x',
      'provider expected corp, found api',
      'identity expected none, found u1',
      'tenant expected beta, found acme',
      'tier expected gold, found free',
      'rate expected 11/s, found 10/s',
      'concurrent expected 21, found 20',
      '',
      '0 passed, 1 failed',
      '',
    ],
  );
  assert.equal(status, 3);
});

test('a redirect that leads elsewhere is told', () => {
  const request = 'request: { url: https://app.example.test/old }';
  const cases = ['/new', '/newer'].map(
    (path) => `  - { name: to ${path}, ${request}, expect: { location: ${path} } }`,
  );

  const { stdout } = run(`tests:\n${cases.join('\n')}`);

  assert.match(stdout, /^pass {2}to \/new\n/);
  assert.match(stdout, /location +expected \/newer, found \/new\n/);
});

const AS = 'provider: api, claims: { sub: u1, org: acme, groups: [staff] }';
/** What a case says of its providers, and what comes of it; the same where it says otherwise. */
for (const [what, path, as, outcome, without, otherwise] of [
  ['as', '/', AS, 'allow', '', 'challenge'],
  ['as.provider', '/', AS, 'allow', AS.replace('api', 'spare'), 'challenge'],
  [
    'as.claims',
    '/staff/a',
    `${AS}, age: 5m`,
    'allow',
    'provider: api, claims: { sub: u1, org: acme }, age: 5m',
    'refuse',
  ],
  ['as.acr', '/strong', `${AS}, acr: mfa`, 'allow', AS, 'challenge'],
  ['as.age', '/staff/a', `${AS}, age: 5m`, 'allow', `${AS}, age: 2h`, 'challenge'],
  ['as.rejected', '/', 'provider: api, rejected: true', 'refuse', AS, 'allow'],
] as const) {
  test(`a case with another ${what} comes out otherwise`, () => {
    const cases = [as, without].map(
      (given, n) =>
        `  - { name: case ${n}, request: { url: https://app.example.test${path} }, ${given && `as: { ${given} }, `}expect: { outcome: ${outcome} } }`,
    );

    const { stdout } = run(`tests:\n${cases.join('\n')}`);

    assert.match(stdout, /^pass {2}case 0\n/);
    assert.match(stdout, new RegExp(`outcome +expected ${outcome}, found ${otherwise}\n`));
  });
}

test('--coverage names routes, paths and providers that no case reaches', () => {
  const [first, second] = CASES.split('  - name: both must');
  const { stdout } = run(first + second!.slice(second!.indexOf('  - name: a large')), '--coverage');

  assert.deepEqual(stdout.split('\n').slice(-9), [
    'No test reaches:',
    '  path web, path /both  policy.yaml:22:7',
    '  path web, path /old  policy.yaml:24:7',
    '  path web, path /strong  policy.yaml:23:7',
    '  route spare  policy.yaml:26:3',
    '  provider spare  policy.yaml:10:3',
    '',
    '12 passed',
    '',
  ]);
});

test('--format junit gives one suite with a case each, and the difference of a failed one', () => {
  const output = join(folder, 'report.xml');
  const { status, stdout } = run(
    `${CASES}${WRONG.replace('\ntests:', '')}`,
    '--format',
    'junit',
    '--output',
    output,
  );

  const report = readFileSync(output, 'utf8');
  assert.deepEqual([status, stdout], [3, '']);
  assert.match(
    report,
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="fairlead" tests="14" failures="1">/,
  );
  assert.equal(report.match(/<testcase /g)?.length, 14);
  assert.match(report, /<failure message="outcome: expected refuse, found allow">/);
});

test('--format json gives the same facts', () => {
  const { stdout } = run(WRONG, '--format', 'json');

  const { passed, failed, cases, untested } = JSON.parse(stdout);
  assert.deepEqual([passed, failed, cases.length], [0, 1, 1]);
  assert.deepEqual(cases[0].differences[0], { key: 'outcome', expected: 'refuse', found: 'allow' });
  assert.ok(untested.some(({ name }: { name: string }) => name === 'spare'));
});

test('a name is shown without what would move the cursor of a terminal', () => {
  const { stdout } = run(
    'tests: [{ name: "a\\e[2Jb", request: { url: "https://app.example.test/" }, expect: { status: 401 } }]',
  );

  assert.ok(!stdout.includes('\u001b'));
});

for (const [what, cases, error] of [
  [
    'a provider that is not there',
    'as: { provider: apii }',
    /error E201: no provider named "apii"/,
  ],
  ['claims beside rejected', 'as: { provider: api, rejected: true, claims: {} }', /E104/],
  ['an address that is none', 'request: { url: "app.example.test" }', /must be a whole address/],
  ['an unknown key', 'expect: { outcom: allow }', /E102.*"outcom"/],
  ['nothing to expect', 'expect: {}', /at least one thing/],
] as const) {
  test(`${what} is an error at its place`, () => {
    const parts = {
      name: 'name: x',
      request: 'request: { url: "https://app.example.test/" }',
      expect: 'expect: { status: 200 }',
      [cases.split(':')[0]!]: cases,
    };

    const { status, stderr } = run(`tests: [{ ${Object.values(parts).join(', ')} }]`);

    assert.equal(status, 1);
    assert.match(stderr, error);
    assert.match(stderr, /tests\.yaml:2:/);
  });
}

test('a set without tests says so', () => {
  const { status, stdout } = run('');

  assert.deepEqual([status, stdout], [0, 'The set has no tests.\n']);
});
