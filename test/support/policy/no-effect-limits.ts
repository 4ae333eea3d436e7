import type { NoEffect } from './small-sets.ts';
import { route, service, gateway, limited, passed } from './small-sets.ts';

/** Of limits, waits and services. */
export const LIMITS_AND_SERVICES: readonly NoEffect[] = [
  // Limits.
  [limited('burst: 5'), 'E111', 'tiers.default.burst', limited('rate: 1/s, burst: 5')],
  [limited('mode: shadow'), 'E111', 'tiers.default.mode', limited('rate: 1/s, mode: shadow')],
  [
    route('limits: { burst: 5 }'),
    'E111',
    'routes.web.limits.burst',
    route('limits: { rate: 1/s, burst: 5 }'),
  ],
  [
    route('limits: { mode: shadow }'),
    'E111',
    'routes.web.limits.mode',
    route('limits: { concurrent: 1, mode: shadow }'),
  ],
  [
    route('limits: { connections: 5 }'),
    'E306',
    'routes.web.limits.connections',
    'routes: { web: { host: app.example.com, service: web, passthrough: true, limits: { connections: 5 } } }',
  ],
  [
    limited('rate: 1/s, priority: 3'),
    'E111',
    'tiers.default.priority',
    `${limited('rate: 1/s, priority: 3')}\n${gateway('shedding: { queue: 5 }')}`,
  ],
  [
    gateway('shedding: { queue: 5 }'),
    'E111',
    'gateway.shedding',
    `${limited('rate: 1/s')}\n${gateway('shedding: { queue: 5 }')}`,
  ],
  [
    limited('rate: 1/s, bandwidth: 1MiB/s, mode: shadow'),
    'E111',
    'tiers.default.bandwidth',
    limited('rate: 1/s, bandwidth: 1MiB/s'),
  ],
  [
    route('respond: { status: 204 }, limits: { bandwidth: 1MiB/s }'),
    'E111',
    'routes.web.limits.bandwidth',
    route('limits: { bandwidth: 1MiB/s }'),
  ],
  [
    'tenants: { id: identity.claims.org, overrides: { a: { limits: { burst: 5 } } } }',
    'E111',
    'tenants.overrides.a.limits.burst',
    'tenants: { id: identity.claims.org, overrides: { a: { limits: { rate: 1/s, burst: 5 } } } }',
  ],
  [
    'tenants: { overrides: { a: { limits: { rate: 1/s } } } }',
    'E111',
    'tenants.overrides',
    'tenants: { id: identity.claims.org, overrides: { a: { limits: { rate: 1/s } } } }',
  ],
  [
    'tenants: { tier: { from: identity.claims.plan } }',
    'E111',
    'tenants.tier.from',
    'tenants: { tier: { from: identity.claims.plan } }\ntiers: { a: { rate: 1/s } }',
  ],
  [
    'tenants: { anonymous: { id: client.ip } }',
    'W330',
    'tenants.anonymous',
    `tenants: { anonymous: { id: client.ip } }\n${route('paths: { /a: { auth: public } }')}`,
  ],
  [
    gateway('limits: { connections: 5, perClientAddress: { connections: 6 } }'),
    'E111',
    'gateway.limits.perClientAddress.connections',
    gateway('limits: { connections: 6, perClientAddress: { connections: 6 } }'),
  ],
  [
    limited('connections: 10001'),
    'E111',
    'tiers.default.connections',
    limited('connections: 10000'),
  ],
  // Waits of which another one comes first.
  [
    gateway('sessions: { idle: 2h, absolute: 1h }'),
    'E111',
    'gateway.sessions.idle',
    gateway('sessions: { idle: 1h, absolute: 1h }'),
  ],
  [
    'network: { link: secrets/link.json, backoff: { min: 3s, max: 2s } }',
    'E111',
    'network.backoff.min',
    'network: { link: secrets/link.json, backoff: { min: 2s, max: 2s } }',
  ],
  [
    service('outlier: { min: 3s, max: 2s }'),
    'E111',
    'services.web.outlier.min',
    service('outlier: { min: 2s, max: 2s }'),
  ],
  ...['connect', 'response', 'idle'].flatMap((key): NoEffect[] => [
    [
      service(`timeout: { ${key}: 3s, total: 2s }`),
      'E111',
      `services.web.timeout.${key}`,
      service(`timeout: { ${key}: 2s, total: 2s }`),
    ],
    [
      route(`timeout: { ${key}: 3s, total: 2s }`),
      'E111',
      `routes.web.timeout.${key}`,
      route(`timeout: { ${key}: 2s, total: 2s }`),
    ],
    [
      gateway(`defaults: { timeout: { ${key}: 3s, total: 2s } }`),
      'E111',
      `gateway.defaults.timeout.${key}`,
      gateway(`defaults: { timeout: { ${key}: 2s, total: 2s } }`),
    ],
  ]),
  // Services.
  [
    service('addresses: { weighted: { a: 1, b: 0 }, sticky: session }'),
    'E111',
    'services.web.addresses.sticky',
    service('addresses: { weighted: { a: 1, b: 1 }, sticky: session }'),
  ],
  [
    service('via: tcp, host: 127.0.0.1, port: 1, insecure: true'),
    'E111',
    'services.web.insecure',
    service('via: tcp, host: 127.0.0.1, port: 1'),
  ],
  [
    service("url: 'http://127.0.0.1', insecure: true"),
    'E111',
    'services.web.insecure',
    service("url: 'http://127.0.0.1'"),
  ],
  [service('insecure: true'), 'E215', 'services.web.insecure', service('')],
  [
    service('host: 127.0.0.1'),
    'E215',
    'services.web.host',
    service('via: tcp, host: 127.0.0.1, port: 1'),
  ],
  [
    service('via: tcp, host: 127.0.0.1, port: 1, alpn: h2'),
    'E215',
    'services.web.alpn',
    service('alpn: h2'),
  ],
  [
    service("url: 'http://127.0.0.1', address: a"),
    'E215',
    'services.web.address',
    service('address: a'),
  ],
  ...[
    'protocol: h2',
    'balance: request',
    'hostHeader: service',
    'responseHead: 32KiB',
    'outlier: { failures: 3 }',
    'retry: off',
    'maxConnections: 5',
  ].map((key): NoEffect => [
    passed(key),
    'E306',
    `services.web.${key.split(':')[0]}`,
    service(key),
  ]),
  ...['response', 'stream', 'total'].map((key): NoEffect => [
    passed(`timeout: { ${key}: 1s }`),
    'E306',
    `services.web.timeout.${key}`,
    service(`timeout: { ${key}: 1s }`),
  ]),
  [
    passed("url: 'https://app.internal', health: { path: /up }"),
    'E306',
    'services.web.health',
    service("url: 'https://app.internal', health: { path: /up }"),
  ],
  [
    passed('addresses: { weighted: { a: 1, b: 1 }, sticky: session }'),
    'E306',
    'services.web.addresses.sticky',
    service('addresses: { weighted: { a: 1, b: 1 }, sticky: session }'),
  ],
];
