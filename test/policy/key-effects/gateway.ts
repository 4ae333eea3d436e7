import type { Effects } from './effects.ts';

export const GATEWAY: Effects = {
  'integration/listener/redirect.test.ts': {
    'sends a known host to https with the bound port and the same target':
      'gateway.listen.https gateway.listen.http',
  },
  'integration/gateway/plain-listener.test.ts': {
    'a client that came over ${told} is one over TLS (${where})': 'gateway.listen.plain.address',
    'a peer that is no balancer is closed at accept (HTTP/${version})': 'gateway.listen.plain.from',
    'a client of whom the balancer says ${what} is redirected to https (${where})':
      'gateway.publicPort',
  },
  'integration/gateway/proxy-protocol.test.ts': {
    "${name}: an unlisted peer's is never parsed": 'gateway.listen.proxyProtocol.from',
    'a header and then silence: the handshake has one deadline, from accept on':
      'gateway.client.handshake',
    'the ceiling of connections counts the client of the balancer':
      'gateway.limits.perClientAddress.connections',
  },
  'integration/gateway/rotation.test.ts': {
    'serves a new server certificate from the next handshake on':
      'gateway.certificates gateway.certificates[].cert gateway.certificates[].key',
  },
  'integration/gateway/gateway-keys.test.ts': {
    'without a server name the certificate of defaultCertificate is served, and no other':
      'gateway.defaultCertificate gateway.defaultCertificate.cert gateway.defaultCertificate.key',
    'more fields than limits.headerCount are 431, and cookies over HTTP/2 are one (${version})':
      'gateway.limits.headerCount',
    'a head beyond limits.headerSize is 431 (${version})': 'gateway.limits.headerSize',
    'hsts: ${what}': 'gateway.hsts',
    'that from.allow does not have': 'gateway.from.allow',
    'connections beyond limits.connections are closed at once': 'gateway.limits.connections',
  },
  'integration/listener/drops.test.ts': {
    'a handshake too many of one address': 'gateway.limits.perClientAddress.handshakes',
  },
  'integration/listener/tls-policy.test.ts': {
    'versions are those of the policy': 'gateway.tls.min gateway.tls.max',
    'cipher suites are those of the policy, in its order': 'gateway.tls.ciphers',
    'groups are those of the policy, from the next handshake after a reload': 'gateway.tls.groups',
    'versions of HTTP are those of the policy, in its order': 'gateway.tls.alpn',
  },
  'integration/gateway/address-lists.test.ts': {
    'a passthrough connection is judged by its address, by the gateway and by its route':
      'gateway.from.deny',
  },
  'integration/gateway/trusted-proxies.test.ts': {
    'the client that a trusted proxy names is the client everywhere (${way})':
      'gateway.trustedProxies',
    'the field is Forwarded where the policy says so, from the next request on':
      'gateway.trustedProxies.from gateway.trustedProxies.field',
    'the rate of an address counts the client behind the proxy, and the refusal names it':
      'gateway.limits.perClientAddress.rate',
  },
  'integration/cli/health.test.ts': {
    'asks the admin listener that the policy names, also while the rest of the set is wrong':
      'gateway.admin.listen',
  },
  'integration/admin/admin-access.test.ts': {
    'the health listener serves health, readiness without reasons, metrics if asked, and nothing else':
      'gateway.admin.health gateway.admin.metrics',
    'with clientCa the admin listener speaks TLS and knows its clients by their certificates':
      'gateway.admin.certificate gateway.admin.certificate.cert gateway.admin.certificate.key gateway.admin.auth.clientCa',
    'asks for a token everywhere but at /healthz, and takes no part of one':
      'gateway.admin.auth.tokens',
    'answers under addresses, localhost and the names of the policy, and under no other name':
      'gateway.admin.hosts',
  },
  'integration/gateway/drain.test.ts': {
    'SIGTERM: unready at once, open until the delay is over, then empty, exit 0':
      'gateway.drain.delay',
    'what is left at the limit of the drain is cut, recorded, and the exit is 0':
      'gateway.drain.limit',
  },
  'integration/gateway/dripping.test.ts': {
    'dripping bodies and heads end at the limits of the policy, and an honest client is served':
      'gateway.client.headers',
  },
  'unit/listener/http/pace.test.ts': {
    'a body at the rate goes on until its total time is over': 'gateway.client.bodyTotal',
  },
  'integration/listener/timeouts.test.ts': {
    'fails a body that is slower than the minimum rate': 'gateway.client.bodyMinRate',
    'cuts a client that reads nothing of its response (R-21)': 'gateway.client.write',
    'closes an idle connection without a word': 'gateway.client.idle',
  },
  'integration/cli/rollback.test.ts': {
    'an earlier policy is served until it is released; the watch does not undo it, a restart neither':
      'gateway.state',
  },
  'integration/gateway/watched-files.test.ts': {
    'watch: off leaves changed files until somebody asks': 'gateway.watch',
  },
  'unit/app/reload/file-watch.test.ts': {
    'after an event, files that stay the same for the time of settling are told of':
      'gateway.watch.settle',
    'without an event, a swapped mount is seen within the time of the polling, and told of once':
      'gateway.watch.poll',
  },
  'integration/gateway/error-pages.test.ts': {
    'the reason stays inside, until the policy makes it public, and from the next request on':
      'gateway.errors.detail',
  },
  'integration/gateway/own-look.test.ts': {
    'brand, logo, accent and support link stand on pages, escaped, within the policy of the page':
      'gateway.pages.brand.name gateway.pages.brand.colours.accent gateway.pages.support',
    'the logo is served as an image that browsers keep, and nothing else is there':
      'gateway.pages.brand.logo',
    'HTTP/${version}: a template takes the place of the page of its code, default of every other':
      'gateway.pages.templates',
  },
  'integration/session/replicas.test.ts': {
    'a session opened on one replica is known on the other': 'gateway.store.redis',
  },
  'integration/store/redis-store.test.ts': {
    'gateways with different prefixes do not see each other': 'gateway.store.prefix',
    'rediss verifies the server, and logs in with a password':
      'gateway.store.ca gateway.store.user gateway.store.password',
  },
  'integration/store/redis-places.test.ts': {
    'keys are spread over a cluster, and a slot that moves is followed': 'gateway.store.cluster',
    'at a failover the replica is used, with what it has':
      'gateway.store.sentinel.nodes gateway.store.sentinel.master',
    'a Sentinel that is asked with a wrong password is no way to a master':
      'gateway.store.sentinel.password',
  },
  'integration/limits/two-gateways.test.ts': {
    'while the store is away: ${whenDown}': 'gateway.store.whenDown gateway.store.replicas',
    'a request waits for its limits as long as the policy says': 'gateway.store.timeout',
  },
  'integration/session/after-login.test.ts': {
    'sessions in cookies work through the gateway, which says at start what they cannot do':
      'gateway.sessions.store',
  },
  'unit/session/cookie-sessions.test.ts': {
    'keys rotate: the newest seals, older ones still open, dropped ones do not':
      'gateway.sessions.keys',
  },
  'unit/session/server-sessions.test.ts': {
    'a session that is not used for the idle limit is over': 'gateway.sessions.idle',
    'a session in use is over at its absolute limit': 'gateway.sessions.absolute',
  },
};
