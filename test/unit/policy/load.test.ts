import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatIssues } from '../../../src/policy/issue-format.ts';
import { loadPolicy } from '../../../src/policy/load.ts';
import type { LoadResult } from '../../../src/policy/load.ts';
import type { PolicySnapshot } from '../../../src/policy/snapshot.ts';
import { fakePlugins } from '../../support/fake-plugins.ts';
import { makePolicyFiles, policyFolder } from '../../support/policy-files.ts';
import type { PolicyFiles } from '../../support/policy-files.ts';

const GOOD = join(import.meta.dirname, '../../policy/cases/good/policies');
const files = await makePolicyFiles();

async function load(source: string | PolicyFiles, withFiles = files): Promise<LoadResult> {
  const folder = await policyFolder(source, withFiles);
  try {
    return await loadPolicy('policies', {
      generation: 3,
      plugins: fakePlugins,
      cwd: folder.root,
      env: { SECRET: 'from-the-environment' },
    });
  } finally {
    await folder.remove();
  }
}

async function loadGood(): Promise<PolicySnapshot> {
  const result = await load(GOOD);
  assert.equal(result.kind, 'ok');
  return result.snapshot;
}

/** The text form of what was wrong with one file. */
async function complaints(text: string): Promise<string> {
  const result = await load({ 'web.yaml': text });
  return result.kind === 'ok' ? 'ok' : formatIssues(result.issues, { format: 'text' });
}

test('compiles the gateway of a realistic set', async () => {
  const { gateway, generation, hash } = await loadGood();

  const { certificates, defaultCertificate, ...rest } = gateway;
  assert.deepEqual(rest, {
    listen: {
      https: { address: '127.0.0.1', port: 0 },
      http: { address: undefined, port: 8080 },
    },
    publicPort: 443,
    admin: { address: undefined, port: 0 },
    drain: { delayMs: 0, limitMs: 10_000 },
    client: {
      handshakeMs: 10_000,
      headersMs: 10_000,
      bodyMinRate: 1024,
      bodyTotalMs: 3_600_000,
      writeMs: 60_000,
      idleMs: 75_000,
    },
    hsts: undefined,
    limits: {
      connections: 5000,
      perClientAddress: {
        connections: 200,
        rate: { amount: 200, windowMs: 1000, text: '200/s' },
      },
      headerBytes: 16_384,
    },
  });
  assert.deepEqual(
    certificates.map(({ names }) => names),
    [
      ['app.example.com', '*.example.org'],
      ['billing.example.com', 'legacy.example.com'],
    ],
  );
  assert.equal(defaultCertificate, undefined);
  assert.equal(generation, 3);
  assert.match(hash, /^[0-9a-f]{64}$/);
});

test('compiles the links, services and providers of a realistic set', async () => {
  const { network, services, providers } = await loadGood();

  assert.deepEqual(
    network?.links.map(({ name, host, port, tls }) => [name, host, port, tls.serverName]),
    [
      ['link-west', 'west.example.com', 45_671, undefined],
      ['router.example.com:5671', 'router.example.com', 5671, 'router'],
    ],
  );
  assert.deepEqual(network?.backoff, { minMs: 100, maxMs: 5000 });
  assert.equal(network?.unackedLimitBytes, 3 * 1024 * 1024);
  assert.deepEqual([...services.keys()].sort(), ['billing', 'legacy', 'web']);
  assert.deepEqual(services.get('billing'), {
    name: 'billing',
    address: 'billing-v2',
    via: { kind: 'amqp' },
    hostHeader: 'client',
    timeout: { connectMs: 1000, responseMs: 5000, idleMs: 300_000 },
    maxConnections: 10,
  });
  assert.equal(services.get('web')?.address, 'web');
  const legacy = services.get('legacy')!.via;
  assert.ok(legacy.kind === 'tcp' && legacy.tls?.keyPem !== undefined);
  assert.deepEqual(providers.get('api')?.timeoutMs, 500);
});

test('hands plugins resolved references and absolute paths, without the keys of the core', async () => {
  const snapshot = await loadGood();

  const options = snapshot.providers.get('api')?.options;
  assert.deepEqual(options, {
    issuer: 'https://login.example.com',
    audience: ['a', 'b'],
    secret: 'from-the-environment',
    ca: join(snapshot.directory, 'certs/ca.crt'),
  });
});

test('compiles tenants and tiers of a realistic set', async () => {
  const { tenants, tiers } = await loadGood();

  assert.deepEqual(tenants?.id, { kind: 'claim', keys: ['https://example.com/org'] });
  assert.deepEqual(tenants?.tier, { from: { kind: 'claim', keys: ['plan'] }, default: 'free' });
  assert.deepEqual(tenants?.overrides.get('acme'), {
    tier: 'gold',
    limits: { rates: [], burst: undefined, concurrent: 800, mode: 'enforce' },
  });
  assert.deepEqual(tiers.get('gold'), {
    rates: [
      { amount: 1000, windowMs: 1000, text: '1000/s' },
      { amount: 10_000, windowMs: 60_000, text: '10000/m' },
    ],
    burst: 2000,
    concurrent: undefined,
    mode: 'shadow',
  });
});

test('orders rules by precedence and merges paths into their route', async () => {
  const { routes } = await loadGood();

  const rules = routes.exact.get('app.example.com')!.rules;
  assert.deepEqual(
    rules.map(({ path, auth, bodyBytes, totalMs }) => [path, auth.kind, bodyBytes, totalMs]),
    [
      ['/upload', 'any', 1024 ** 3, 600_000],
      ['/upload/*', 'any', 1024 ** 2, 30_000],
      ['/public/**', 'public', 1024 ** 2, 30_000],
      ['/upload/**', 'any', 1024 ** 2, 30_000],
      ['/**', 'any', 1024 ** 2, 30_000],
    ],
  );
  assert.deepEqual(
    rules.map(({ identityHeaders }) => identityHeaders.map(({ name }) => name)),
    [['x-user', 'x-org'], ['x-user', 'x-org'], ['x-user'], [], ['x-user', 'x-org']],
  );
  assert.equal(rules[0]!.pathLimits?.concurrent, 5);
  assert.equal(rules[0]!.routeLimits?.mode, 'shadow');
  assert.deepEqual(rules[0]!.position, { file: 'policies/routes.yml', line: 10, column: 7 });
});

test('keeps wildcard hosts apart and puts the narrower first', async () => {
  const { routes } = await loadGood();

  assert.deepEqual(
    routes.wildcards.map(({ suffix, labels }) => [suffix, labels]),
    [
      ['.example.org', 'one'],
      ['.example.org', 'any'],
    ],
  );
  assert.deepEqual([...routes.guardedNames].sort(), ['x-org', 'x-user']);
  assert.deepEqual(routes.exact.get('billing.example.com')?.rules[0]?.auth, {
    kind: 'all',
    providers: ['api', 'api2'],
  });
});

test('freezes the snapshot to its leaves', async () => {
  const snapshot = await loadGood();

  const thawed: string[] = [];
  findThawed(snapshot, 'snapshot', thawed);

  assert.deepEqual(thawed, []);
  const tiers = snapshot.tiers as Map<string, unknown>;
  assert.throws(() => tiers.set('x', 1), /frozen/);
});

function findThawed(value: unknown, at: string, thawed: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  // A Secret keeps its value in a private field, which nothing outside can change.
  if (!Object.isFrozen(value) && value.constructor.name !== 'Secret') thawed.push(at);
  const inner = value instanceof Map ? value : Object.entries(value);
  for (const [key, child] of inner) findThawed(child, `${at}.${String(key)}`, thawed);
}

test('leaves files that the set names as a path or secret out of the set', async () => {
  const result = await load({
    'web.yaml':
      'version: 1\nnetwork: { link: secrets/link.yaml }\nproviders: { api: { plugin: jwt, issuer: https://a, audience: a, secret: "${file:token.yaml}" } }\nroutes: { web: { host: app.example.com, service: web, auth: api } }\n',
    'secrets/link.yaml': files['secrets/link.json']!,
    'token.yaml': '- not a policy: [',
  });

  assert.equal(result.kind, 'ok');
});

test('takes no file out of the set that only names itself', async () => {
  const found = await complaints('version: 1\nnetwork: { link: web.yaml }\nroutes: { w: {} }\n');

  assert.match(found, /missing key "host" in routes\.w/);
});

test('never prints a secret, wherever it is misplaced', async () => {
  const found = await complaints(`version: 1
providers:
  api:
    plugin: jwt
    isuer: x
    secret: &s correct-horse
    pasword: battery-staple
    skew: *s
  other: { plugin: unknown, token: battery-staple, list: { key: [correct-horse] } }
routes: { web: { host: correct-horse, service: correct-horse } }
`);

  assert.doesNotMatch(found, /correct-horse|battery-staple/);
  assert.match(found, /\[redacted\]/);
});

test('names both places of a route that two files claim', async () => {
  const route = 'routes: { NAME: { host: app.example.com, service: web, auth: public } }\n';
  const result = await load({
    'a.yaml': `version: 1\n${route.replace('NAME', 'one')}`,
    'b.yaml': route.replace('NAME', 'two'),
  });

  assert.equal(result.kind, 'errors');
  assert.match(
    formatIssues(result.issues, { format: 'text' }),
    /b\.yaml:1:\d+: error E303: .*a\.yaml:2:\d+/,
  );
});

test('says that the directory cannot be read', async () => {
  const result = await loadPolicy('/nonexistent/policies', {
    generation: 1,
    plugins: fakePlugins,
    cwd: '/',
    env: {},
  });

  assert.ok(result.kind === 'errors' && !result.readable);
  assert.equal(result.issues[0]?.message, 'the policy directory does not exist');
});

test('two sets have the same hash only when names and texts are the same', async () => {
  const text = 'version: 1\n';
  const hashes = await Promise.all(
    [{ 'a.yaml': text }, { 'a.yaml': text }, { 'b.yaml': text }, { 'a.yaml': `${text}#` }].map(
      async (set) => {
        const result = await load(set, {});
        return result.kind === 'ok' ? result.snapshot.hash : '';
      },
    ),
  );

  assert.equal(hashes[0], hashes[1]);
  assert.equal(new Set(hashes).size, 3);
});

/** YAML-like rubbish: words of the language and of YAML in any order. */
const WORDS = [
  'version',
  'gateway',
  'routes',
  'web',
  'host',
  'auth',
  'paths',
  '/a',
  'tiers',
  'providers',
  'plugin',
  'jwt',
  'secret',
  'network',
  'link',
  'services',
  'via',
  'tcp',
  'tls',
  'tenants',
  ': ',
  ':\n  ',
  '\n',
  ', ',
  '{ ',
  ' }',
  '[',
  ']',
  '- ',
  '&a ',
  '*a',
  '<<: ',
  '!!x ',
  '? ',

  '"',
  "'",
  '|',
  '>',
  '\t',
  '\0',
  '${env:X}',
  '${file:x}',
  '~',
  '1',
  '-1',
  '10/s',
  '---\n',
  '#',
];
const rubbish = fc
  .array(fc.constantFrom(...WORDS), { maxLength: 40 })
  .map((words) => words.join(''));

test('no YAML whatever makes it throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(rubbish, fc.string({ unit: 'binary' })), async (text) => {
      const result = await load({ 'web.yaml': `version: 1\n${text}` }, {});

      const issues = result.kind === 'ok' ? result.warnings : result.issues;
      formatIssues(issues, { format: 'text' });
      assert.ok(result.kind === 'ok' || issues.some(({ severity }) => severity === 'error'));
    }),
    { numRuns: 150 },
  );
});
