import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { loadPolicySet } from '../../src/app/load/load-policy-set.ts';
import { runCases } from '../../src/app/policy-tests/run-cases.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { formatIssues } from '../../src/policy/issues/issue-format.ts';
import { makePolicyFiles, policyFolder } from '../support/policy/policy-files.ts';
import { referenceSections, hasKey, valuesIn } from '../support/policy/reference-page.ts';
import type { Mapping, ReferenceSection } from '../support/policy/reference-page.ts';

const sections = await referenceSections();
const files = await filesOfExamples();

test('every key of the reference is in an example of its section, or of one that it names', () => {
  const missing = sections.flatMap((section) =>
    section.keys
      .filter((key) => !isShown(section, key))
      .map((key) => `${section.title}: ${key} (add it to examplesInYaml of its schema)`),
  );

  assert.deepEqual(missing, []);
});

for (const { title, examples } of sections) {
  for (const [index, example] of examples.entries()) {
    test(`example ${index + 1} of "${title}" passes check in a whole set`, async () => {
      const { set, run } = await loadAround(title, example);

      assert.ok(set.kind === 'ok', set.kind === 'errors' ? textOf(set.issues) : '');
      const warned = set.warnings.map(({ code }) => code);
      assert.deepEqual(warned, example.match(/W3\d\d/g) ?? [], textOf(set.warnings));
      assert.equal(run!.cases.length > 0, title === 'tests');
      assert.deepEqual(
        run!.cases.filter(({ differences }) => differences.length > 0),
        [],
      );
    });
  }
}

/** An example with all that makes a whole set of it; its cases are run. */
async function loadAround(title: string, example: string) {
  const texts = { 'example.yaml': example, 'rest.yaml': JSON.stringify(restOf(title, example)) };
  const words = Object.values(texts).join('\n');
  // A file that nothing names would count as one of the policy.
  const isNamed = ([path]: [string, string]) => words.includes(path) || path.startsWith('certs/');
  const named = Object.fromEntries(Object.entries(files).filter(isNamed));
  const folder = await policyFolder(texts, named);
  const at = { generation: 1, cwd: folder.root, env: {} };
  const set = await loadPolicySet(`${folder.root}/policies`, at);
  const run = set.kind === 'ok' ? await runCases(set, systemClock) : undefined;
  await folder.remove();
  return { set, run };
}

function textOf(issues: Parameters<typeof formatIssues>[0]): string {
  return formatIssues(issues, { format: 'text' });
}

/** Where the keys of a section may stand in the examples. */
function valuesOf(title: string): readonly unknown[] {
  const home = title === 'paths' ? 'routes' : title;
  const { examples } = sections.find((each) => each.title === home)!;
  return examples.flatMap((text) => valuesIn(title, text));
}

function isShown(section: ReferenceSection, key: string): boolean {
  const places: [string, string][] = [[section.title, key]];
  for (const title of section.elsewhere) places.push([title, key.replace(/^defaults\./, '')]);
  if (section.title === 'paths') places.push(['paths', key]);
  return places.some(([title, wanted]) => {
    const steps = wanted.replaceAll('[]', '').split('.');
    return valuesOf(title).some((value) =>
      hasKey(
        value,
        steps.filter((step) => step !== ''),
      ),
    );
  });
}

const ISSUER = 'https://login.example.com';
const PROVIDERS = {
  api: { plugin: 'jwt', issuer: ISSUER, audience: 'web' },
  corp: { plugin: 'oidc', issuer: ISSUER, client: { id: 'web', secret: '${file:secrets/oidc}' } },
};
const BASE = {
  version: 1,
  gateway: {
    certificates: ['certs/app', 'certs/other'],
    store: { redis: 'redis://127.0.0.1:6379' },
  },
  network: { link: 'secrets/link.json' },
};
const TIERS = { free: { rate: '10/s' }, gold: { rate: '1000/s', concurrent: 500 } };

/** Of the set that the cases of the reference are about. */
const TESTED = {
  '/orders/**': { service: 'orders', require: { acr: 'urn:example:mfa' }, rewrite: { add: '/v2' } },
  '/both': { auth: { all: ['api', 'corp'] } },
  '/old': { auth: 'public', redirect: { host: 'www.example.com' } },
};

/** What makes a whole set of an example: all that it names, and a use of all that it defines. */
function restOf(title: string, example: string): Mapping {
  const own = parse(example) as Mapping;
  const { [Object.keys(own)[0]!]: _own, ...base } = BASE as Mapping;
  const [kind] = title.split(':') as [string];
  const names = Array.isArray(own[kind]) ? [] : Object.keys(own[kind] ?? {});
  const paths = (rule: (name: string) => Mapping) =>
    Object.fromEntries(names.map((name) => [`/api/${name}/**`, rule(name)]));
  const app = (rule: Mapping) => ({ routes: { app: { host: 'app.example.com', ...rule } } });
  const both = { providers: PROVIDERS, ...app({ service: 'web', auth: ['api', 'corp'] }) };
  switch (kind) {
    case 'services':
      return { ...base, ...app({ auth: 'public', paths: paths((service) => ({ service })) }) };
    case 'providers':
      return {
        ...base,
        ...app({ service: 'web', auth: 'public', paths: paths((auth) => ({ auth })) }),
      };
    case 'profiles':
      return {
        ...base,
        providers: PROVIDERS,
        tenants: { id: 'identity.claims.org' },
        ...app({ service: 'web', auth: 'api', paths: paths((name) => ({ use: [name] })) }),
      };
    case 'tenants':
      return { ...base, ...both, tiers: TIERS };
    case 'tiers':
      return { ...base, ...both, tenants: { tier: { from: 'identity.claims.plan' } } };
    case 'routes': {
      const profiles = {
        staff: { require: { claims: { groups: 'staff' } } },
        bulk: { auth: 'api', body: '1GiB' },
      };
      return { ...base, providers: PROVIDERS, profiles };
    }
    case 'tests':
      return {
        ...base,
        providers: PROVIDERS,
        tiers: TIERS,
        tenants: { id: 'identity.claims.org', tier: { from: 'identity.claims.plan' } },
        ...app({ service: 'web', auth: ['api', 'corp'], paths: TESTED }),
      };
    default:
      return { ...base, ...both };
  }
}

/** Every file that an example names. */
async function filesOfExamples(): Promise<Readonly<Record<string, string>>> {
  const made = await makePolicyFiles();
  const certificate = (path: string) => made[`certs/${path}/tls.crt`]!;
  const key = (path: string) => made[`certs/${path}/tls.key`]!;
  const authorities = made['certs/ca.crt']!;
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    kid: 'a',
    x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  };
  return {
    'certs/app/tls.crt': certificate('app'),
    'certs/app/tls.key': key('app'),
    'certs/other/tls.crt': certificate('other'),
    'certs/other/tls.key': key('other'),
    'certs/api.crt': certificate('other'),
    'certs/api.key': key('other'),
    'certs/gateway.crt': certificate('client'),
    'certs/gateway.key': key('client'),
    'certs/oidc.crt': certificate('client'),
    'secrets/oidc.key': key('client'),
    'certs/admins-ca.pem': authorities,
    'certs/redis-ca.pem': authorities,
    'certs/router-ca.pem': authorities,
    'certs/billing-ca.pem': authorities,
    'certs/issuer-ca.pem': authorities,
    'secrets/link.json': made['secrets/link.json']!,
    'secrets/link.yaml': made['secrets/link.json']!,
    'secrets/oidc': 'a-secret-of-an-example',
    'secrets/oidc-client': 'a-secret-of-an-example',
    'secrets/redis': 'a-secret-of-an-example',
    'secrets/admin-token': 'a-token-of-an-example',
    'secrets/session-key': 'a-key-of-at-least-thirty-two-characters',
    'keys/jwks.json': JSON.stringify({ keys: [jwk] }),
    'pages/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>',
    'pages/forbidden.html': '<!doctype html><title>{{title}}</title><p>{{sentence}}</p>',
    'pages/retired.html': '<!doctype html><title>Retired</title>',
    'pages/other.html': '<!doctype html><title>{{title}}</title><p>{{sentence}}</p>',
  };
}
