/** What the reference shows of the keys that profiles, routes and paths have in common. */
export const PROFILES_EXAMPLE = `staff:
  auth: [api, corp] # any of them
  from: { allow: [192.0.2.0/24], deny: [192.0.2.7] }
  require:
    claims:
      email_verified: true # a text, a number, true or false
      groups: { any: [staff, owners], all: [employees] }
      scope: { has: [orders.read, orders.write] }
      email: { suffix: '@example.com', not: { prefix: test- } }
      order: { prefix: o-, pattern: 'o-[0-9]{4}' }
      level: { min: 3, max: 9, not: 7 }
      plan: { not: { any: [free, trial] } }
      region: { not: { all: [eu, us] } }
      roles: { not: { has: guest } }
      team: { not: { suffix: -external } }
      tag: { not: { pattern: 'x-.*' } }
      age: { not: { min: 0, max: 17 } }
    acr: urn:example:mfa
    maxAge: 15m
    when: identity.claims.org == request.headers["x-org"]
  limits: { rate: [50/s, 1000/m], burst: 100, quota: { amount: 100000, per: day, zone: Europe/Berlin }, concurrent: 20, mode: shadow, algorithm: strict, whenDown: closed, shared: true }
  headers:
    identity: { x-user: identity.subject, x-groups: identity.claims.groups, x-org: tenant.id }
    lists: comma # or json, repeated
    request:
      set: { x-caller: '{identity.subject} of {tenant.id}', x-request-id: '{request.id}' }
      add: { x-tag: [staff, internal] }
      remove: [x-debug]
    response:
      set: { cache-control: no-store }
      add: { link: '</help>; rel=help' }
      remove: [server]
    preset: web # or off
uploads:
  auth: api
  methods: [PUT, POST]
  matchHeaders: { x-api: ['2', '3'], x-client: any-exact-value, x-trace: true }
  body: 1GiB
  limits: { bandwidth: 2MiB/s } # of each upload
  websocket: false
  timeout: { connect: 2s, response: 2m, idle: 1m, stream: 2h, total: 1h }
proofs: { auth: { all: [api, corp] } } # each must give an identity
visitors: { auth: { optional: corp } } # an identity if there is one
v2: { auth: api, rewrite: { strip: /api, add: /v2 } } # /api/orders becomes /v2/orders
health: { auth: public, rewrite: { path: /healthz } }
moved:
  auth: public
  redirect: { status: 301, scheme: https, host: www.example.com, path: '/new{path}?{query}' }
maintenance:
  auth: public
  respond: { status: 503, headers: { retry-after: '600' }, body: Back at noon. }
retired: { auth: public, respond: { status: 410, file: pages/retired.html } }`;

/** What only a route has, and a path of it. */
export const ROUTES_EXAMPLE = `app:
  host: [app.example.com, www.example.org]
  service: web
  use: [staff]
  auth: corp
  body: 20MiB
  limits: { rate: 5000/s, shared: false } # all tenants together, each gateway by itself
  forwardHeaders: [X-Original-URL]
  path: { encodedSlash: keep, parameters: keep, emptySegments: keep }
  cors:
    origins: ['https://www.example.com']
    methods: [PUT, DELETE]
    headers: [x-trace]
    credentials: true
    maxAge: 1h
  paths:
    /assets/**: { auth: public, from: { deny: [192.0.2.7] } }
    /orders/**: { use: [bulk], service: orders, body: null } # null: as gateway.defaults has it
    /both/**: { auth: { all: [api, corp] }, require: { maxAge: 1h } }
partners: { host: '*.example.org', service: partners, auth: api }
mail: { host: mail.example.com, service: mail, passthrough: true, limits: { connections: 500, bandwidth: 10MiB/s } }`;
