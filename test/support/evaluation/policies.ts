import * as fc from 'fast-check';

/** Pages of other sites, some of which a policy lets in. */
export const ORIGINS = ['https://a.example.test', 'https://b.example.test'];
const PATHS = ['/**', '/a', '/a/*', '/a/**', '/b/c'];
const TIERS = ['default', 'free', 'gold'];

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** In one of eight. */
const seldom = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

const limits = fc
  .record({
    rate: fc.constantFrom('2/s', '3/m', ['2/s', '4/m'], ['5/h', '2/s']),
    burst: maybe(fc.integer({ min: 1, max: 4 })),
    concurrent: maybe(fc.integer({ min: 1, max: 3 })),
    mode: maybe(fc.constantFrom('enforce', 'shadow')),
  })
  .map(present);

const auth = fc.constantFrom<unknown>('public', 'one', 'two', ['one', 'two'], ['two', 'one'], {
  all: ['one', 'two'],
});

const requirement = fc.constantFrom<unknown>(
  { claims: { role: 'admin' } },
  { claims: { role: { any: ['user', 'admin'] }, org: 'acme' } },
  { claims: { org: { not: 'globex' } } },
);

const rule = fc
  .record({
    auth,
    require: maybe(requirement),
    limits: maybe(limits),
    body: maybe(fc.constantFrom('10B', '1KiB')),
    websocket: maybe(fc.boolean()),
    redirect: seldom(fc.constantFrom({ path: '/new{path}?{query}' }, { host: 'www.example.test' })),
    respond: seldom(fc.constantFrom({ status: 503, body: 'later' }, { status: 204 })),
    headers: seldom(fc.constant({ identity: { 'x-nickname': 'identity.claims.nickname' } })),
    rewrite: seldom(fc.constantFrom({ path: '/literal' }, { add: '/v2' })),
    methods: seldom(fc.constantFrom(['GET'], ['GET', 'POST'], ['POST', 'OPTIONS'])),
    matchHeaders: seldom(fc.constantFrom({ 'x-canary': '1' }, { 'x-canary': ['1', '2'] })),
  })
  .map(({ require, ...rest }) => present(rest.auth === 'public' ? rest : { ...rest, require }))
  .map(oneTarget);

const cors = fc.record({
  origins: fc.subarray(ORIGINS, { minLength: 1 }),
  credentials: fc.boolean(),
});

const route = fc
  .record({
    rule: rule.map((own) => present({ ...own, require: undefined })),
    cors: maybe(cors),
    paths: maybe(
      fc
        .subarray(PATHS, { minLength: 1, maxLength: 3 })
        .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), rule))))
        .map((pairs) => Object.fromEntries(pairs)),
    ),
  })
  .map(({ rule: own, ...rest }) => ({ ...own, ...present(rest) }));

const tenants = fc
  .record({
    id: maybe(fc.constant('identity.claims.org')),
    tier: maybe(
      fc
        .record({
          from: maybe(fc.constant('identity.claims.plan')),
          default: maybe(fc.constantFrom(...TIERS)),
        })
        .map(present),
    ),
    anonymous: maybe(fc.constantFrom(...TIERS).map((tier) => ({ tier }))),
    override: maybe(limits),
  })
  .map(({ override, ...rest }) =>
    present({
      ...rest,
      overrides:
        rest.id === undefined || override === undefined
          ? undefined
          : { acme: { limits: override } },
    }),
  );

export type Members = Readonly<Record<string, unknown>>;

/** Of the same host as `exact`: it names other methods and fields, or paths that `exact` has with none. */
const beside = fc
  .record({ rule, path: fc.constantFrom(...PATHS), method: fc.constantFrom('DELETE', 'PUT') })
  .map(({ rule: own, path, method }) => ({
    auth: 'public',
    host: 'app.example.test',
    paths: {
      [path]: {
        ...toApp(own),
        methods: [method],
        matchHeaders: { 'x-canary': '1', 'x-beside': true },
      },
    },
  }));

/** Everything of a set but gateway, providers and services; the service of every route is `app`. */
export const policies: fc.Arbitrary<Members> = fc
  .record({
    exact: route,
    wild: maybe(route),
    other: maybe(route),
    beside: maybe(beside),
    tenants: maybe(tenants),
    tiers: fc.tuple(limits, limits, limits),
    perAddress: maybe(fc.constantFrom('6/s', '10/m')),
  })
  .map(({ exact, wild, other, beside: second, perAddress, tiers, ...rest }) => ({
    perAddress,
    ...present(rest),
    tiers: Object.fromEntries(TIERS.map((name, index) => [name, tiers[index]])),
    routes: present({
      exact: { ...toApp(exact), host: 'app.example.test' },
      beside: second,
      wild: wild && { ...toApp(wild), host: '*.wild.example.test' },
      other: other && {
        ...toApp(other),
        host: ['other.example.test', 'x.wild.example.test'],
      },
    }),
  }));

/** To the application, unless the level answers by itself. */
function toApp(level: Members): Members {
  const answers = level['redirect'] !== undefined || level['respond'] !== undefined;
  return answers ? level : { ...level, service: 'app' };
}

/** A level says one place to go: the first of these. */
function oneTarget({ redirect, respond, rewrite, websocket, ...rest }: Members): Members {
  if (redirect !== undefined) return { ...rest, redirect };
  if (respond !== undefined) return { ...rest, respond };
  return present({ ...rest, rewrite, websocket });
}

/** Without the members that are undefined: a policy has no word for them. */
function present(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
