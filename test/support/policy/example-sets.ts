import { parse } from 'yaml';
import { loadPolicySet } from '../../../src/app/load/load-policy-set.ts';
import { makePolicyFiles, policyFolder } from './policy-files.ts';
import type { Mapping } from './reference-page.ts';

/** Whole sets of the examples of docs/policy-reference.md, each with all that it names and a use of all that it defines. */
export async function exampleSets() {
  const files = await filesOfExamples();
  return {
    /** Loads an example within its set; `changed` takes its place in what was made for it. */
    async load(title: string, example: string, changed = example) {
      const texts = {
        'example.yaml': changed,
        'rest.yaml': JSON.stringify(restOf(title, example)),
      };
      const words = `${example}\n${texts['rest.yaml']}`;
      // A file that nothing names would count as one of the policy.
      const isNamed = ([path]: [string, string]) =>
        words.includes(path) || path.startsWith('certs/');
      const named = Object.fromEntries(Object.entries(files).filter(isNamed));
      const folder = await policyFolder(texts, named);
      const at = { generation: 1, cwd: folder.root, env: {} };
      const set = await loadPolicySet(`${folder.root}/policies`, at);
      await folder.remove();
      return { set, root: folder.root };
    },
  };
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

const BOTH = { service: 'web', auth: ['api', 'corp'] };
const OPEN = { '/open/**': { auth: 'public' } };

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
  const both = { providers: PROVIDERS, ...app(BOTH) };
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
        ...app({ service: 'web', auth: 'corp', paths: paths((name) => ({ use: [name] })) }),
      };
    case 'tenants':
      return { ...base, tiers: TIERS, providers: PROVIDERS, ...app({ ...BOTH, paths: OPEN }) };
    case 'tiers':
      return {
        ...base,
        ...both,
        // Priorities have an effect only beside it.
        gateway: { ...(base['gateway'] as Mapping), shedding: { queue: 5000 } },
        tenants: { tier: { from: 'identity.claims.plan' } },
      };
    case 'gateway':
      return {
        ...base,
        ...both,
        ...('shedding' in (own['gateway'] as Mapping) && { tiers: { default: { priority: 9 } } }),
      };
    case 'routes': {
      const profiles = {
        staff: { require: { claims: { groups: 'staff' } } },
        bulk: { auth: 'api' },
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
    'secrets/sentinel': 'a-secret-of-an-example',
    'secrets/admin-token': 'a-token-of-an-example',
    'secrets/session-key': 'a-key-of-at-least-thirty-two-characters',
    'keys/jwks.json': JSON.stringify({ keys: [jwk] }),
    'pages/logo.svg': '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"></svg>',
    'pages/forbidden.html': '<!doctype html><title>{{title}}</title><p>{{sentence}}</p>',
    'pages/retired.html': '<!doctype html><title>Retired</title>',
    'pages/other.html': '<!doctype html><title>{{title}}</title><p>{{sentence}}</p>',
  };
}
