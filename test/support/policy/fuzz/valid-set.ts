import { coreSchemaJson } from '../../../../src/policy/schema/json-schema.ts';
import { below, fromSchema } from './from-schema.ts';
import type { Json } from './from-schema.ts';
import type { Pick } from './pick.ts';

type Mapping = { [key: string]: Json };

const HOSTS = ['app.example.com', '*.example.org', '**.example.net', 'Api.Example.Com', '[::1]'];
const PATHS = ['/**', '/a', '/a/*', '/a/**', '/a/b', '/public/**', '/%2A', '/x-y_z~/**'];
const PROFILES = ['large', 'common'];
const TIERS = ['default', 'free', 'gold'];
const GATEWAY_BY_HAND = [
  'tls',
  'listen',
  'admin',
  'certificates',
  'defaultCertificate',
  'hsts',
  'store',
  'sessions',
  'pages',
];
const SERVICE_BY_HAND = [
  'via',
  'host',
  'port',
  'tls',
  'alpn',
  'protocol',
  'address',
  'addresses',
  'hostHeader',
  'retry',
  'outlier',
  'health',
  'url',
  'insecure',
];
const ANSWERS = ['redirect', 'respond', 'rewrite'];
const BY_HAND = [...ANSWERS, 'limits', 'headers', 'forwardHeaders', 'methods', 'matchHeaders'];
const DEFAULTS_BY_HAND = ['auth', 'require', 'headers', 'forwardHeaders', 'cors'];
const CLAIMS = ['identity.subject', 'identity.claims.org', 'identity.claims["https://x/y"]'];

/**
 * A set that loads: every kind of provider, service, route, tier and override, with the names that hang
 * together made here, and every other key as the schema says it.
 */
export function validSet(pick: Pick): Mapping {
  const schema = coreSchemaJson();
  const set: Mapping = { version: 1, providers: providers(pick), services: services(pick) };
  const defaultAuth = pick.once(3) ? auth(pick) : undefined;
  set['gateway'] = gateway(pick, defaultAuth);
  set['tiers'] = Object.fromEntries(TIERS.map((name) => [name, limits(pick)]));
  if (pick.once(2)) set['tenants'] = tenants(pick);
  if (pick.once(20)) set['network'] = { link: 'secrets/link.json', connections: 2 };
  set['profiles'] = Object.fromEntries(
    PROFILES.map((name) => [name, rule(pick, ['profiles', 'p'])]),
  );
  const routes: Mapping = {};
  for (const [index, host] of pick.some(HOSTS, 1).entries()) {
    routes[`r${index}`] = route(pick, host, defaultAuth !== undefined);
  }
  if (pick.once(3)) routes['sealed'] = passthrough(pick);
  return { ...set, routes };

  function route(choose: Pick, host: string, hasDefault: boolean): Json {
    const made = withProfiles(choose, rule(choose, ['routes', 'r']));
    const names = choose.some(PATHS, 0);
    const isOpen = !hasDefault && !names.includes('/**');
    if (isOpen || choose.once(2)) made['auth'] = auth(choose);
    else if (hasDefault && choose.once(3)) made['auth'] = null;
    const hasOuter = hasDefault || isOpen || made['auth'] !== undefined;
    const paths: Mapping = {};
    for (const name of names) {
      const own = withProfiles(choose, rule(choose, ['routes', 'r', 'paths', 'p']));
      if (choose.once(5)) own['service'] = choose.of(['web', 'far', 'near', 'other:8080']);
      if (!hasOuter || choose.once(3)) own['auth'] = auth(choose);
      else if (hasDefault && choose.number(1, 3) === 2) own['auth'] = null;
      if (isPrivate(own['auth']) && choose.once(3)) own['require'] = require(choose);
      paths[name] = own;
    }
    const service = choose.of(['web', 'far', 'near', 'a-routing-key:8080']);
    const cors = { origins: ['https://a.example.com'], credentials: choose.once(2), maxAge: '5m' };
    return {
      host: choose.once(3) ? [host, `x.${HOSTS.indexOf(host)}.test`] : host,
      service,
      ...made,
      ...(choose.once(4) && { cors }),
      ...(names.length > 0 && { paths }),
    };
  }

  /** What the schema says of a route or path, without what is made by hand. */
  function rule(choose: Pick, place: readonly string[]): Mapping {
    const skipped = ['use', 'host', 'service', 'passthrough', 'auth', 'require', 'cors', 'paths'];
    const skip = (path: readonly string[]) =>
      [...skipped, ...BY_HAND].includes(path[0]!) || isBeside(path);
    const made = fromSchema(choose, below(schema, ...place), skip) as Mapping;
    if (choose.once(6)) made['rewrite'] = choose.of<Json>([null, { path: '/b' }, { add: '/v2' }]);
    if (choose.once(6)) made['methods'] = choose.of<Json>([null, ['GET'], ['POST', 'QUERY']]);
    if (choose.once(6)) made['matchHeaders'] = choose.of<Json>([null, { 'x-a': ['1', '2'] }]);
    if (choose.once(4)) made['limits'] = choose.once(5) ? null : limits(choose);
    if (choose.once(4))
      made['headers'] = { identity: { 'x-user': choose.of(CLAIMS), 'x-t': null } };
    return made;
  }

  function withProfiles(choose: Pick, made: Mapping): Mapping {
    return choose.once(3) ? { use: choose.some(PROFILES, 1), ...made } : made;
  }

  function services(choose: Pick): Mapping {
    const skip = (path: readonly string[]) => SERVICE_BY_HAND.includes(path[0]!) || isBeside(path);
    const common = () => fromSchema(choose, below(schema, 'services', 's'), skip) as Mapping;
    const tls = { ca: 'certs/ca.crt' };
    return {
      web: {
        ...common(),
        retry: choose.of<Json>(['off', { ratio: 0.2 }]),
        outlier: { failures: choose.number(1, 9), min: '1s', max: '9s' },
        hostHeader: choose.of(['client', 'service', 'app.internal']),
      },
      beside: choose.of<Json>([
        'http://127.0.0.1:3000',
        {
          ...common(),
          url: 'https://a.internal',
          health: { path: '/up', healthy: choose.number(1, 9) },
        },
      ]),
      far: choose.once(10)
        ? { ...common(), tls, protocol: 'auto' }
        : { ...common(), address: 'far:1', alpn: 'h2', protocol: choose.of(['http1', 'h2']) },
      near: { ...common(), via: 'tcp', host: '127.0.0.1', port: choose.number(1, 65_535) },
      sealed: { via: 'tcp', host: '::1', port: 8443, timeout: { connect: '1s', idle: '1m' } },
    };
  }

  function gateway(choose: Pick, inherited: Json | undefined): Json {
    const skip = ([key, ...inner]: readonly string[]) =>
      GATEWAY_BY_HAND.includes(key!) ||
      isBeside([key!, ...inner]) ||
      (key === 'defaults' && (DEFAULTS_BY_HAND.includes(inner[0]!) || isBeside(inner)));
    const made = fromSchema(choose, below(schema, 'gateway'), skip) as Mapping;
    if (choose.once(4))
      made['admin'] = { listen: choose.of<Json>([0, '127.0.0.1:9090', 'localhost:1']) };
    if (choose.once(4)) made['listen'] = { https: choose.of<Json>([8443, '[::1]:0']), http: 8080 };
    if (choose.once(10)) made['certificates'] = ['certs/app'];
    if (choose.once(4)) made['hsts'] = choose.of(['off', 'max-age=1; includeSubDomains']);
    if (choose.once(4)) made['store'] = { redis: 'redis://127.0.0.1:6379', prefix: 'p:' };
    if (choose.once(4)) made['sessions'] = { store: 'server', idle: '10m', absolute: '1h' };
    if (choose.once(4)) made['pages'] = { brand: { name: 'Acme' }, support: 'mailto:a@b.example' };
    if (choose.once(8)) made['sessions'] = { store: 'cookie', keys: ['k'.repeat(32)] };
    if (choose.once(4))
      made['limits'] = { connections: 9, perClientAddress: { connections: choose.number(1, 9) } };
    const defaults = (made['defaults'] ?? {}) as Mapping;
    if (choose.once(4)) defaults['timeout'] = { response: '10m', total: '10m' };
    return inherited === undefined ? made : { ...made, defaults: { ...defaults, auth: inherited } };
  }
}

/** Values that would never be reached beside some that the schema allows as well. */
function isBeside(path: readonly string[]): boolean {
  return ['timeout.total', 'limits.perClientAddress.connections'].includes(path.join('.'));
}

function passthrough(pick: Pick): Json {
  const limited = pick.once(2) && { limits: { connections: pick.number(1, 10) } };
  return { host: 'sealed.example.com', service: 'sealed', passthrough: true, ...limited };
}

function providers(pick: Pick): Mapping {
  const jwt = {
    plugin: 'jwt',
    issuer: 'https://login.example.com',
    audience: pick.of(['a', ['a']]),
  };
  return {
    api: { ...jwt, ...(pick.once(2) && { secret: pick.of(['${env:SECRET}', 'written-out']) }) },
    corp: { plugin: 'login', timeout: '1s' },
    third: { ...jwt, skew: pick.number(0, 60), algorithms: pick.some(['RS256', 'ES256'], 1) },
  };
}

/** `corp` logs in at hosts, and a wildcard is none, so it asks only where it is alone at a plain host. */
function auth(pick: Pick): Json {
  const some = pick.some(['api', 'third'], 1);
  return pick.of<Json>(['public', 'api', some, { all: ['third', 'api'] }]);
}

function isPrivate(auth: Json | undefined): boolean {
  return auth !== undefined && auth !== null && auth !== 'public';
}

function require(pick: Pick): Json {
  const claims = pick.of<Json>([
    { groups: { any: ['a', 1, true] } },
    { 'realm.roles': { all: ['x'], not: { prefix: 'y' } } },
    { '["https://x/y"]': 'z' },
  ]);
  return pick.once(2) ? { claims } : { maxAge: '15m', claims };
}

function limits(pick: Pick): Json {
  const rate = pick.of<Json>(['10/s', ['10/s', '100/m'], '1000/h']);
  const concurrent = pick.number(1, 1000);
  return pick.of<Json>([
    { rate },
    { rate, burst: pick.number(1, 50), mode: 'shadow' },
    { concurrent },
    { rate, concurrent, mode: 'enforce' },
  ]);
}

function tenants(pick: Pick): Json {
  const overrides: Mapping = {
    acme: { tier: pick.of(TIERS), limits: limits(pick) },
    '': { limits: { concurrent: 3 } },
    constructor: { tier: 'gold' },
  };
  return {
    id: pick.of(CLAIMS),
    tier: { from: 'identity.claims.plan', default: pick.of(TIERS) },
    anonymous: { tier: pick.of(TIERS) },
    ...(pick.once(2) && { overrides }),
  };
}
