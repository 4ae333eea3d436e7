import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { addressRate } from '../../../../src/policy/compile/compile-limits.ts';
import type { Limit, PolicySnapshot } from '../../../../src/policy/snapshot/snapshot.ts';
import { loadFolder } from '../../../support/policy/load-folder.ts';
import { makePolicyFiles } from '../../../support/policy/policy-files.ts';

const GOOD = join(import.meta.dirname, '../../../policy/cases/good/policies');
const files = await makePolicyFiles();
const folder = await mkdtemp(join(tmpdir(), 'fairlead-compile-'));
after(() => rm(folder, { recursive: true }));

async function loadGood(): Promise<PolicySnapshot> {
  const result = await loadFolder(GOOD, files);
  assert.equal(result.kind, 'ok');
  return result.snapshot;
}

test('compiles the gateway of a realistic set', async () => {
  const { gateway, generation, hash } = await loadGood();

  const { certificates, defaultCertificate, store, sessions, tls, ...rest } = gateway;
  assert.deepEqual(rest, {
    listen: {
      https: { address: '127.0.0.1', port: 0 },
      http: { address: undefined, port: 8080 },
      plain: undefined,
    },
    publicPort: 443,
    from: undefined,
    proxyProtocol: undefined,
    plainPeers: undefined,
    trustedProxies: undefined,
    admin: {
      listen: { address: undefined, port: 0 },
      health: undefined,
      metrics: false,
      certificate: undefined,
      auth: undefined,
      hosts: [],
    },
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
    shedding: undefined,
    state: undefined,
    watch: { settleMs: 500, pollMs: 10_000 },
    preset: undefined,
    errors: { isDetailPublic: false },
    pages: undefined,
    limits: {
      connections: 5000,
      perClientAddress: {
        connections: 200,
        rate: addressRate({ amount: 200, windowMs: 1000, text: '200/s' }),
        handshakes: undefined,
      },
      headerBytes: 16_384,
      headerCount: 128,
    },
  });
  assert.deepEqual([tls.min, tls.max, tls.groups], ['TLSv1.2', 'TLSv1.3', undefined]);
  assert.ok(store?.place.kind === 'single');
  assert.equal(store.place.url.reveal(), 'redis://127.0.0.1:6379/1');
  assert.equal(store.password?.reveal(), 'hunter2-hunter2');
  assert.deepEqual([store.user, store.prefix], ['gateway', 'fairlead:']);
  assert.deepEqual(
    sessions.keys.map((key) => key.reveal()),
    ['0123456789abcdef0123456789abcdef'],
  );
  assert.deepEqual(
    [sessions.store, sessions.idleMs, sessions.absoluteMs],
    ['cookie', 600_000, 43_200_000],
  );
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
    via: { kind: 'amqp', tls: undefined, alpn: undefined },
    protocol: 'http1',
    balance: 'connection',
    hostHeader: 'client',
    timeout: { connectMs: 1000, idleMs: 300_000 },
    health: undefined,
    retry: { ratio: 0.1, withinMs: 1000 },
    outlier: { failures: 5, minMs: 1000, maxMs: 30_000 },
    maxConnections: 10,
    responseHeadBytes: 256 * 1024,
  });
  assert.equal(services.get('web')?.address, 'web');
  const legacy = services.get('legacy')!.via;
  assert.ok(legacy.kind === 'tcp' && legacy.tls?.keyPem !== undefined);
  assert.deepEqual(providers.get('api')?.timeoutMs, 500);
});

test('a tcpListener at an IPv6 address in brackets is connected to without them', async () => {
  await cp(GOOD, folder, { recursive: true });
  const file = join(folder, 'gateway.yaml');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('host: 127.0.0.1,', 'host: "[::1]",'));

  const result = await loadFolder(folder, files);

  assert.equal(result.kind, 'ok');
  const { via } = result.snapshot.services.get('legacy')!;
  assert.equal(via.kind === 'tcp' && via.host, '::1');
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
  const acme = tenants?.overrides.get('acme');
  assert.equal(acme?.tier, 'gold');
  const { list: overridden, ...override } = acme.limits!.get('gold')!;
  const { list, ...gold } = tiers.get('gold')!;
  assert.deepEqual([...acme.limits!.keys()], ['gold']);
  assert.deepEqual(override, { ...gold, concurrent: 800 });
  assert.deepEqual(namesOf(overridden), [
    'tenants.overrides.rate',
    'tenants.overrides.rate[1]',
    'tenants.overrides.concurrent',
  ]);
  assert.deepEqual(namesOf(list), ['tiers.gold.rate', 'tiers.gold.rate[1]']);
  assert.deepEqual(gold, {
    rates: [
      {
        intervalMs: 1,
        capacity: 2000,
        rate: { amount: 1000, windowMs: 1000, text: '1000/s' },
      },
      {
        intervalMs: 6,
        capacity: 10_000,
        rate: { amount: 10_000, windowMs: 60_000, text: '10000/m' },
      },
    ],
    quota: undefined,
    concurrent: undefined,
    bandwidth: undefined,
    connections: undefined,
    mode: 'shadow',
    shared: { algorithm: 'window', whenDown: 'local-share', replicas: 1 },
  });
});

test('orders rules by precedence and merges paths into their route', async () => {
  const { routes } = await loadGood();

  const rules = routes.exact.get('app.example.com')!.rules;
  assert.deepEqual(
    rules.map(({ path, auth, bodyBytes, timeout }) => [
      path,
      auth.kind,
      bodyBytes,
      timeout.totalMs,
    ]),
    [
      ['/upload', 'any', 1024 ** 3, 600_000],
      ['/upload/*', 'any', 1024 ** 2, 30_000],
      ['/public/**', 'public', 2 * 1024 ** 2, 30_000],
      ['/upload/**', 'any', 2 * 1024 ** 2, 30_000],
      ['/**', 'any', 2 * 1024 ** 2, 30_000],
    ],
  );
  assert.deepEqual(
    rules.map(({ identityHeaders }) => identityHeaders.map(({ name }) => name)),
    [['x-user', 'x-org'], ['x-user', 'x-org'], ['x-user'], [], ['x-user', 'x-org']],
  );
  assert.equal(rules[0]!.pathLimits?.concurrent, 5);
  assert.equal(rules[0]!.routeLimits?.mode, 'shadow');
  assert.deepEqual(rules[0]!.position, { file: 'policies/routes.yml', line: 11, column: 7 });
});

test('a path adds to what its route requires, and auth: public drops it', async () => {
  const result = await loadFolder(
    {
      'web.yaml': `version: 1
providers: { api: { plugin: jwt, issuer: https://a.example, audience: a } }
routes:
  web:
    host: web.example.com
    service: web
    auth: api
    require: { acr: "urn:mfa", maxAge: 1h, claims: { groups: { any: [a, b], not: c } } }
    paths:
      /more: { require: { maxAge: 15m, claims: { groups: admins } } }
      /longer: { require: { maxAge: 2h } }
      /open: { auth: public }
`,
    },
    {},
  );

  assert.equal(result.kind, 'ok');
  const rules = result.snapshot.routes.exact.get('web.example.com')!.rules;
  const requires = Object.fromEntries(rules.map((rule) => [rule.path, rule.requires]));
  const path = { kind: 'claim', keys: ['groups'] };
  const ofRoute = {
    text: 'groups',
    path,
    conditions: [
      { kind: 'any', values: ['a', 'b'] },
      { kind: 'not', conditions: [{ kind: 'any', values: ['c'] }] },
    ],
  };
  const ofPath = { text: 'groups', path, conditions: [{ kind: 'any', values: ['admins'] }] };
  assert.deepEqual(requires, {
    '/more': { acr: 'urn:mfa', maxAgeMs: 900_000, claims: [ofRoute, ofPath] },
    '/longer': { acr: 'urn:mfa', maxAgeMs: 3_600_000, claims: [ofRoute] },
    '/open': undefined,
    '/**': { acr: 'urn:mfa', maxAgeMs: 3_600_000, claims: [ofRoute] },
  });
});

test('who lets the Authorization of a client go on is said of a route as a whole', async () => {
  const result = await loadFolder(
    {
      'web.yaml': `version: 1
providers:
  api: { plugin: jwt, issuer: https://a.example, audience: a }
  corp: { plugin: login }
routes:
  mixed: { host: mixed.example.com, service: web, auth: api, paths: { /a: { auth: corp }, /b: { auth: public } } }
  people: { host: people.example.com, service: web, auth: corp, paths: { /b: { auth: public } } }
  programs: { host: programs.example.com, service: web, auth: api, paths: { /b: { auth: public } } }
`,
    },
    {},
  );

  assert.equal(result.kind, 'ok');
  const of = (host: string) =>
    result.snapshot.routes.exact.get(host)!.rules.map(({ authorizationOf }) => authorizationOf);
  assert.deepEqual(of('mixed.example.com'), [['api'], ['api'], ['api']]);
  assert.deepEqual(of('people.example.com'), [[], []]);
  assert.deepEqual(of('programs.example.com'), [undefined, undefined]);
});

test('a route without auth has that of gateway.defaults, and null brings it back', async () => {
  const result = await loadFolder(
    {
      'web.yaml': `version: 1
gateway: { defaults: { auth: public } }
providers: { api: { plugin: jwt, issuer: https://a.example, audience: a } }
routes:
  open: { host: open.example.com, service: web }
  web: { host: web.example.com, service: web, auth: api, paths: { /a: { auth: null } } }
`,
    },
    {},
  );

  assert.equal(result.kind, 'ok');
  const { exact } = result.snapshot.routes;
  assert.equal(exact.get('open.example.com')?.rules[0]?.auth.kind, 'public');
  assert.deepEqual(
    exact.get('web.example.com')?.rules.map(({ path, auth }) => [path, auth.kind]),
    [
      ['/a', 'public'],
      ['/**', 'any'],
    ],
  );
});

test('a passthrough route needs no auth and gets no default, and counts its connections', async () => {
  const result = await loadFolder(
    {
      'web.yaml': `version: 1
gateway: { defaults: { auth: public } }
routes:
  mail:
    host: [mail.example.com, "*.mail.example.com"]
    service: mail
    passthrough: true
    limits: { connections: 5 }
  chat: { host: chat.example.com, service: chat, passthrough: true }
`,
    },
    {},
  );

  assert.equal(result.kind, 'ok');
  // W330 of the default. No W304: the application has the certificate, so none of the gateway's is missed.
  assert.deepEqual(
    result.warnings.map(({ code }) => code),
    ['W330', 'W307', 'W307'],
  );
  const { exact, wildcards } = result.snapshot.routes;
  const mail = exact.get('mail.example.com')!;
  assert.deepEqual(mail.rules, []);
  const { route, service, connections } = mail.passthrough!;
  assert.deepEqual([route, service, connections], ['mail', 'mail', 5]);
  assert.equal(wildcards[0]?.passthrough?.route, 'mail');
  assert.equal(exact.get('chat.example.com')?.passthrough?.connections, undefined);
  assert.deepEqual([...result.snapshot.services.keys()], ['mail', 'chat']);
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

function namesOf(list: readonly Limit[]): readonly string[] {
  return list.map(({ name }) => name);
}
