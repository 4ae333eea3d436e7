import type { NoEffect } from './small-sets.ts';
import { route, gateway, jwt, oidc, SECRET } from './small-sets.ts';

/** Of the gateway, providers, routes, paths and profiles. */
export const GATEWAY_AND_RULES: readonly NoEffect[] = [
  // The gateway.
  [
    gateway("store: { redis: 'redis://127.0.0.1', ca: certs/ca.crt }"),
    'E111',
    'gateway.store.ca',
    gateway("store: { redis: 'rediss://redis.example.com', ca: certs/ca.crt }"),
  ],
  [
    gateway("store: { redis: 'redis://127.0.0.1', user: a }"),
    'E111',
    'gateway.store.user',
    gateway(`store: { redis: 'redis://127.0.0.1', user: a, password: ${SECRET} }`),
  ],
  [
    gateway(`sessions: { keys: [${SECRET}] }`),
    'E111',
    'gateway.sessions.keys',
    gateway(`sessions: { store: cookie, keys: [${SECRET}] }`),
  ],
  [
    gateway('admin: { metrics: true }'),
    'E111',
    'gateway.admin.metrics',
    gateway('admin: { metrics: true, health: 8081 }'),
  ],
  [
    gateway(
      'tls: { min: TLSv1.3, ciphers: [TLS_AES_128_GCM_SHA256, ECDHE-RSA-AES128-GCM-SHA256] }',
    ),
    'E111',
    'gateway.tls.ciphers[1]',
    gateway('tls: { ciphers: [TLS_AES_128_GCM_SHA256, ECDHE-RSA-AES128-GCM-SHA256] }'),
  ],
  [
    gateway(
      'tls: { max: TLSv1.2, ciphers: [ECDHE-RSA-AES128-GCM-SHA256, TLS_AES_128_GCM_SHA256] }',
    ),
    'E111',
    'gateway.tls.ciphers[1]',
    gateway('tls: { max: TLSv1.2, ciphers: [ECDHE-RSA-AES128-GCM-SHA256] }'),
  ],
  ...[gateway, route].map((of): NoEffect => [
    of('from: { allow: [10.0.0.0/8], deny: [192.0.2.7] }'),
    'W330',
    `${of === gateway ? 'gateway' : 'routes.web'}.from.deny[0]`,
    of('from: { allow: [10.0.0.0/8], deny: [10.0.0.1] }'),
  ]),
  // Providers.
  [
    `providers: {}\n${gateway('sessions: { idle: 1h }')}\nroutes: { web: { host: app.example.com, service: web, auth: public } }`,
    'W330',
    'gateway.sessions',
    gateway('sessions: { idle: 1h }'),
  ],
  [
    jwt('jwks: { file: keys.json, ca: certs/ca.crt }'),
    'E405',
    'providers.api.jwks.ca',
    jwt('jwks: { ca: certs/ca.crt }'),
  ],
  [
    jwt('jwks: { file: keys.json, allowPrivate: true }'),
    'E405',
    'providers.api.jwks.allowPrivate',
    jwt('jwks: { allowPrivate: true }'),
  ],
  [
    oidc(`secret: ${SECRET}, keyId: a`),
    'E405',
    'providers.api.client.keyId',
    oidc('key: certs/app/tls.key, keyId: a'),
  ],
  // Routes, paths and profiles.
  [
    route('headers: { lists: comma }'),
    'E111',
    'routes.web.headers.lists',
    route('headers: { lists: comma, identity: { x-a: identity.claims.a } }'),
  ],
  [
    route('headers: { lists: comma, identity: { x-a: identity.subject } }'),
    'E111',
    'routes.web.headers.lists',
    route('headers: { lists: comma, identity: { x-a: identity.claims.a } }'),
  ],
  [
    route('redirect: { path: /a }'),
    'E111',
    'routes.web.service',
    'routes: { web: { host: app.example.com, auth: api, redirect: { path: /a } } }',
  ],
  ...[
    ['E111', 'rewrite', 'rewrite: { add: /a }'],
    ['E111', 'websocket', 'websocket: false'],
    ['W330', 'timeout.total', 'timeout: { total: 1s }'],
    ['W330', 'headers.identity', 'headers: { identity: { x-a: identity.subject } }'],
  ].map(([code, key, text]): NoEffect => [
    route(`paths: { /a: { respond: { status: 200 }, ${text} } }`),
    code!,
    `routes.web.paths["/a"].${key}`,
    route(`paths: { /a: { ${text} } }`),
  ]),
  [
    route('require: { acr: a }, paths: { /a: { auth: public, require: { acr: b } } }'),
    'E307',
    'routes.web.paths["/a"].require',
    route('require: { acr: a }, paths: { /a: { auth: public } }'),
  ],
  [
    route('body: 1KiB, paths: { /**: { body: 2KiB } }'),
    'W330',
    'routes.web.body',
    route('body: 1KiB, paths: { /a: { body: 2KiB } }'),
  ],
  [
    `profiles: { p: { websocket: false } }\n${route('use: [p], websocket: true')}`,
    'W330',
    'profiles.p.websocket',
    `profiles: { p: { websocket: false } }\n${route('use: [p]')}`,
  ],
  [
    `${gateway('defaults: { body: 1KiB }')}\nroutes: { web: { host: app.example.com, service: web, passthrough: true } }`,
    'W330',
    'gateway.defaults.body',
    gateway('defaults: { body: 1KiB }'),
  ],
  [
    "tests: [{ name: a, request: { url: 'https://app.example.com/' }, as: { provider: api, rejected: true, acr: a }, expect: { status: 401 } }]",
    'E104',
    'tests[0].as',
    "tests: [{ name: a, request: { url: 'https://app.example.com/' }, as: { provider: api, rejected: true }, expect: { status: 401 } }]",
  ],
];
