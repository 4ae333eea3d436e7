import type { Effects } from './effects.ts';

/** Of routes, paths, profiles and `gateway.defaults`, of tenants, and of limits wherever they stand. */
export const RULES: Effects = {
  'integration/limits/quota.test.ts': {
    'a quota that is used up: 429 until the period ends, over ${way} and ${version}':
      'limits.quota.amount limits.quota.per',
  },
  'unit/evaluate/limit/calendar.test.ts': {
    'a day of 24, of 23 and of 25 hours': 'limits.quota.zone',
  },
  'integration/gateway/routing.test.ts': {
    '${what}: ${came}, over ${way} and ${version}': 'rules.methods rules.matchHeaders',
  },
  'unit/evaluate/route/match.test.ts': {
    'leads ${host}${target} to ${place}': 'rules.host rules.service',
  },
  'integration/gateway/passthrough.test.ts': {
    "${name}: the client verifies the application's own certificate, end to end":
      'rules.passthrough',
  },
  'integration/gateway/passthrough-failures.test.ts': {
    'connections beyond the limit of the route are closed at once; ended ones make room':
      'limits.connections',
  },
  'unit/evaluate/shed/shedder.test.ts': {
    '${what} above its limit refuses the lowest priority first, by steps, and the highest never':
      'limits.priority gateway.shedding.eventLoopDelay gateway.shedding.memory',
  },
  'integration/gateway/overload.test.ts': {
    'too many requests in flight refuse what has no tier, and health and pages of ours stay':
      'gateway.shedding.queue',
  },
  'integration/gateway/bandwidth.test.ts': {
    'bodies over ${version} and ${way} keep the bandwidth of the tier, each way by itself':
      'limits.bandwidth',
  },
  'integration/gateway/profiles.test.ts': {
    'a route or path has what its profiles say; the later profile, and what it says itself, wins':
      'rules.use rules.body',
  },
  'integration/gateway/answers.test.ts': {
    'a redirect is made of the request, with its status':
      'rules.redirect.status rules.redirect.path',
    'a redirect to another host keeps path and query': 'rules.redirect.host',
    'an answer of a profile': 'rules.respond.status rules.respond.headers rules.respond.body',
    'an answer from a file has its octets and the type of its name': 'rules.respond.file',
    'a path with a service of its own gets the rewritten path and the stripped prefix':
      'rules.rewrite.strip rules.rewrite.add',
    'a literal path takes the place of the path, and the query stays': 'rules.rewrite.path',
  },
  'integration/gateway/plain-listener.test.ts': {
    'redirects of the policy have the scheme of the client (${where})': 'rules.redirect.scheme',
  },
  'integration/gateway/address-lists.test.ts': {
    'allow and deny of a route, and of its path too (${host}, HTTP/${version})':
      'rules.from.allow rules.from.deny',
  },
  'integration/oidc/require.test.ts': {
    'a page that wants more is shown after a stronger login, and the others go on as before':
      'rules.require.acr',
    'a login that is too old is refused to programs, and ends at a page when it stays old':
      'rules.require.maxAge',
    'auth: public on a path drops what its route requires': 'rules.auth',
  },
  'integration/gateway/claims-of-tokens.test.ts': {
    'where both issuers are wanted one token is never enough': 'rules.auth.all',
    'scopes, patterns and numbers of a token decide at their paths':
      'rules.require.claims.X.has rules.require.claims.X.pattern rules.require.claims.X.min rules.require.claims.X.max',
    'lists, beginnings and ends of a claim decide at their paths':
      'rules.require.claims.X.any rules.require.claims.X.all rules.require.claims.X.prefix rules.require.claims.X.suffix',
    'a rule for one number lets in that number and no neighbour': 'rules.require.claims.X.not',
    'an expression decides by claims and request, and its reason is in the access log':
      'rules.require.when',
    'a list of claims is one field with commas, or a field for each element':
      'rules.headers.lists rules.headers.identity',
  },
  'integration/session/optional-login.test.ts': {
    'without a credential the application is asked for nobody, and no login begins':
      'rules.auth.optional',
  },
  'integration/gateway/websocket.test.ts': {
    'a route may refuse WebSocket in both versions': 'rules.websocket',
  },
  'unit/forward/forwarding.test.ts': {
    '${what} may be silent for timeout.stream, which is longer than idle': 'rules.timeout.stream',
  },
  'integration/gateway/retry.test.ts': {
    'the body limit and the time limit of a path hold for that path':
      'rules.paths rules.timeout.total',
  },
  'integration/gateway/header-rules.test.ts': {
    'over ${way}, a client of ${version}: the application gets the fields of the policy alone':
      'rules.headers.request.set rules.headers.request.add rules.headers.request.remove',
    'over ${way}, a client of ${version}: it gets the response as the policy wants it':
      'rules.headers.response.set rules.headers.response.add rules.headers.response.remove rules.headers.preset',
  },
  'integration/gateway/guarded-names.test.ts': {
    'a route keeps the field it names, of fields alone, and no look-alike or other one':
      'rules.forwardHeaders',
  },
  'unit/evaluate/route/path-forms.test.ts': {
    '${target} is forwarded where the route keeps ${form}, and only there':
      'rules.path.encodedSlash rules.path.parameters rules.path.emptySegments',
  },
  'integration/gateway/cors.test.ts': {
    'a preflight is answered by the route, without a credential':
      'rules.cors.origins rules.cors.methods rules.cors.headers rules.cors.credentials rules.cors.maxAge',
  },
  'unit/evaluate/tenant/resolve-tenant.test.ts': {
    'takes id and tier from the claims that the policy names': 'tenants.id tenants.tier.from',
    'a claim that names no tier uses the default and warns once': 'tenants.tier.default',
    'without an identity the tenant is the client address, IPv6 by its /64': 'tenants.anonymous.id',
    'an anonymous client gets the anonymous tier, else the default one': 'tenants.anonymous.tier',
    'an override goes before the tier, for tier and for limits': 'tenants.overrides.X.tier',
  },
  'unit/evaluate/limit/limiter.test.ts': {
    'refuses the eleventh request within a second and names the limit': 'limits.rate',
    'holds a place in flight until the permit is disposed, once': 'limits.concurrent',
    'shadow mode counts and lets pass': 'limits.mode',
  },
  'unit/evaluate/limit/token-bucket.test.ts': {
    'takes a burst other than the amount as its capacity': 'limits.burst',
  },
  'integration/limits/two-gateways.test.ts': {
    'gateways with one store admit one rate (${algorithm})': 'limits.algorithm',
    'while the store is away: ${whenDown}': 'limits.whenDown',
    'gateways count by themselves where a limit says so': 'limits.shared',
  },
};
