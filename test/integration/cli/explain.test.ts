import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import type { ServiceExplanation } from '../../../src/app/explain/explain-service.ts';
import type { Overview } from '../../../src/app/explain/overview.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

let folder: string;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-explain-'));
  const policy = `
version: 1
services:
  shop: { address: "web:8080", outlier: { failures: 2, max: 5s } }
  legacy: { via: tcp, host: 127.0.0.1, port: 9443 }
  unused: { address: "secret:1" }
routes:
  shop: { host: shop.example.test, service: shop, auth: public }
  mail: { host: mail.example.test, service: mail, auth: public }
  legacy: { host: old.example.test, service: legacy, auth: public, paths: { /new: { service: shop, methods: [GET], matchHeaders: { x-new: true } } } }
`;
  writeFileSync(join(folder, 'policy.yaml'), policy);
});

after(() => rmSync(folder, { recursive: true }));

function explain(...args: string[]) {
  const argv = ['--conditions=source', MAIN, 'explain', folder, ...args];
  return spawnSync(process.execPath, argv, { encoding: 'utf8', timeout: 20_000 });
}

test('prints the routing keys that may be opened, and no other', () => {
  const done = explain('--routing-keys');

  assert.equal(done.status, 0);
  assert.equal(done.stdout, 'mail\nweb:8080\n');
});

test('prints who is asked on each path, and what is required there, of the route and of the path', () => {
  const policy = `
providers:
  api: { plugin: jwt, issuer: https://login.example.test, audience: web }
  own: { plugin: jwt, issuer: https://own.example.test, audience: web }
routes:
  admin:
    host: admin.example.test
    service: shop
    auth: [api, own]
    require: { claims: { groups: { any: [staff, admins] }, suspended: { not: true } } }
    paths:
      /keys/**: { require: { acr: "urn:mfa", maxAge: 15m, claims: { groups: admins } } }
      /both: { auth: { all: [own, api] }, require: { claims: { identity.with.api.scope: { prefix: keys } } } }
      /health: { auth: public }
`;
  writeFileSync(join(folder, 'admin.yaml'), policy);

  const done = explain();
  rmSync(join(folder, 'admin.yaml'));

  const route = 'groups any of "staff", "admins"; suspended not true';
  assert.deepEqual(
    done.stdout
      .split('\n')
      .filter((line) => line.startsWith('route admin'))
      .map((line) => line.replace(/ +/g, ' ')),
    [
      `route admin admin.example.test/both to shop auth own and api require ${route}; identity.with.api.scope prefix "keys"`,
      'route admin admin.example.test/health to shop auth public',
      `route admin admin.example.test/keys/** to shop auth api or own require acr "urn:mfa"; maxAge 900s; ${route}; groups "admins"`,
      `route admin admin.example.test/** to shop auth api or own require ${route}`,
    ],
  );
});

test('prints the way to each service and how it is tried when it fails, defaults included', () => {
  const done = explain();

  assert.deepEqual(
    done.stdout.split('\n').map((line) => line.replace(/ +/g, ' ')),
    [
      'route shop shop.example.test/** to shop auth public',
      'route mail mail.example.test/** to mail auth public',
      'route legacy GET, HEAD of old.example.test/new with x-new to shop auth public',
      'route legacy old.example.test/** to legacy auth public',
      'service shop routing key web:8080 after 2 failures two attempts at a time, every 1000 ms to 5000 ms; retries: 0.1 a request, within 1000 ms',
      'service mail routing key mail after 5 failures two attempts at a time, every 1000 ms to 30000 ms; retries: 0.1 a request, within 1000 ms',
      'service legacy tcpListener 127.0.0.1:9443 after 5 failures two attempts at a time, every 1000 ms to 30000 ms; retries: 0.1 a request, within 1000 ms',
      '',
    ],
  );
});

test('prints what passes through, with its service and its limit, and permits the routing keys', () => {
  const policy = `
services: { vault: { address: "vault:8200" } }
routes:
  vault: { host: vault.example.test, service: vault, passthrough: true }
  imap: { host: "*.imap.example.test", service: imap, passthrough: true, limits: { connections: 500 } }
`;
  writeFileSync(join(folder, 'passthrough.yaml'), policy);

  const [all, keys] = [explain(), explain('--routing-keys')];
  rmSync(join(folder, 'passthrough.yaml'));

  const lines = all.stdout.split('\n').map((line) => line.replace(/ +/g, ' '));
  const outlier =
    'after 5 failures two attempts at a time, every 1000 ms to 30000 ms; retries: 0.1 a request, within 1000 ms';
  assert.deepEqual(
    lines.filter((line) => /^(route|service) (vault|imap)/.test(line)),
    [
      'route vault vault.example.test to vault passthrough',
      'route imap *.imap.example.test to imap passthrough at most 500 connections',
      `service vault routing key vault:8200 ${outlier}`,
      `service imap routing key imap ${outlier}`,
    ],
  );
  assert.equal(keys.stdout, 'imap\nmail\nvault:8200\nweb:8080\n');
});

test('--format json has the same facts, with the place of each route', () => {
  const done = explain('--format', 'json');
  const keys = explain('--format', 'json', '--routing-keys');

  const { routes, services, routingKeys } = JSON.parse(done.stdout) as Overview;
  assert.deepEqual(routes[2], {
    route: 'legacy',
    host: 'old.example.test',
    path: '/new',
    methods: ['GET', 'HEAD'],
    fields: ['x-new'],
    target: 'to shop',
    passthrough: false,
    auth: 'public',
    at: `${folder}/policy.yaml:10:77`,
  });
  assert.deepEqual(services[0], {
    name: 'shop',
    way: 'routing key web:8080',
    outlier: { failures: 2, minMs: 1000, maxMs: 5000 },
    retry: { ratio: 0.1, withinMs: 1000 },
  });
  assert.deepEqual(routingKeys, ['mail', 'web:8080']);
  assert.deepEqual(JSON.parse(keys.stdout), { routingKeys });
});

test('--service tells the way to it, its settings, and the paths that lead there with their waits', () => {
  const [text, json] = [
    explain('--service', 'shop'),
    explain('--service', 'shop', '--format', 'json'),
  ];

  const lines = text.stdout.replaceAll(`${folder}/`, '').replace(/ +/g, ' ').split('\n');
  assert.equal(lines[0], 'service shop, routing key web:8080 policy.yaml:4:3');
  assert.equal(lines[1], 'key web:8080');
  for (const line of [
    'setting protocol http1 by default',
    'setting outlier.failures 2 policy.yaml:4:43 (service)',
    'setting outlier.min 1s by default',
    'setting maxConnections 1000 by default',
    'setting retry.ratio 0.1 by default',
    'reached shop.example.test/**, route shop policy.yaml:8:3',
    'reached old.example.test/new, route legacy policy.yaml:10:77',
    ' timeout.connect 3s by default',
    ' timeout.total no limit by default',
  ]) {
    assert.ok(lines.includes(line), `${line}\n${lines.join('\n')}`);
  }
  const told = JSON.parse(json.stdout) as ServiceExplanation;
  assert.deepEqual(
    told.reachedBy.map(({ host, path }) => `${host}${path}`),
    ['shop.example.test/**', 'old.example.test/new'],
  );
  assert.equal(told.settings.find(({ field }) => field === 'outlier.failures')?.level, 'service');
});

test('a service that no route leads to is exit code 1, with the nearest name or all of them', () => {
  const [near, far] = [explain('--service', 'shpo'), explain('--service', 'unused')];

  assert.deepEqual([near.status, near.stdout, far.status], [1, '', 1]);
  assert.match(near.stderr, /no route leads to a service shpo; did you mean "shop"\?/);
  assert.match(far.stderr, /no route leads to a service unused; services: shop, mail, legacy/);
});
