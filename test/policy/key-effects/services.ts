import type { Effects } from './effects.ts';

export const SERVICES: Effects = {
  'integration/network/joining.test.ts': {
    'joins with connect.json, its folder, and explicit fields':
      'network.link network.link.host network.link.port network.link.ca network.link.cert network.link.key',
    'serverName is the name that a router has in its certificate, whatever its address':
      'network.link.serverName',
  },
  'integration/network/failover.test.ts': {
    'spreads lanes over the connections of all entry routers': 'network.connections',
  },
  'integration/network/standin-faults.test.ts': {
    'never granted credit: the service is unavailable, retryable': 'network.creditWait',
    'opening never answered: a connect time-out, retryable': 'network.openWait',
  },
  'unit/network/router-network.test.ts': {
    'connects again for ever, later each time up to the limit, with jitter':
      'network.backoff.min network.backoff.max',
  },
  'unit/network/amqp/lane/flow-control.test.ts': {
    'the excess of all lanes stays within the cap and one window': 'network.unackedLimit',
  },
  'integration/gateway/exchange.test.ts': {
    'a request reaches the application over AMQP lanes and its answer comes back':
      'services.address',
    'a request reaches the application over a tcpListener with mutual TLS':
      'services.via services.host services.port',
  },
  'integration/gateway/addresses.test.ts': {
    'priority: the second takes over when the first has no consumer, and gives back':
      'services.addresses.priority',
    'weighted: a canary gets its share of the requests': 'services.addresses.weighted',
    'sticky by session: without a login a client address keeps to one key':
      'services.addresses.sticky',
    'sticky by a header: one value keeps to one key, and nothing of it chooses which':
      'services.addresses.sticky.header',
  },
  'integration/gateway/services-by-url.test.ts': {
    '${path} reaches an application without a router, by a URL in a route or a service':
      'services.url',
    'https trusts the authorities of the service, and tells its own host where asked to':
      'services.hostHeader',
  },
  'unit/network/tcp-listener.test.ts': {
    'plain TCP to another machine is tried only where the policy says that it may be insecure':
      'services.insecure',
  },
  'integration/gateway/application-tls.test.ts': {
    'TLS to the application is mutual, by default for the name in the routing key':
      'services.tls.ca services.tls.cert services.tls.key',
    '${what} is 502, and the record says why': 'services.tls.serverName',
  },
  'integration/network/connector-tls.test.ts': {
    'a connector that speaks TLS with "${keys}" makes the application see ${seen}': 'services.alpn',
  },
  'integration/gateway/spreading.test.ts': {
    'protocol: auto speaks ${what}': 'services.protocol',
    'balance: ${balance} opens ${wanted} connection(s) for ten requests in turn':
      'services.balance',
  },
  'integration/gateway/timeouts.test.ts': {
    'a path waits longer for a connection than its service, and others do not':
      'services.timeout.connect services.timeout.response rules.timeout.connect',
    'the wait that is nearest to the request counts, over ${way}':
      'services.timeout.idle rules.timeout.response rules.timeout.idle',
    'a service may bound the whole of its exchanges': 'services.timeout.total',
  },
  'integration/gateway/websocket-limits.test.ts': {
    'a WebSocket over ${version} without traffic ends at timeout.stream, not at idle':
      'services.timeout.stream',
  },
  'unit/forward/forwarding.test.ts': {
    'a service may earn more retries, or have none': 'services.retry services.retry.ratio',
    'a retry starts as soon after the request as the service says': 'services.retry.within',
  },
  'support/contracts/service-connections-contract.ts': {
    'opens no more connections than the policy allows; each request has its turn':
      'services.maxConnections',
  },
  'unit/upstream/outlier-guard.test.ts': {
    'after three failures in a row the rest is refused without an attempt':
      'services.outlier.failures',
    '${probesAtOnce} attempts at a time, with pauses that double up to the limit':
      'services.outlier.min services.outlier.max',
  },
  'unit/upstream/health/health-checks.test.ts': {
    'asks at once, and again after each answer, by GET at the path, for the host of the URL':
      'services.health.path services.health.every',
    'unwell after three bad answers in a row, and well again after two good ones':
      'services.health.unhealthy services.health.healthy',
    '${what} is judged, and the connection is let go': 'services.health.timeout',
  },
  'integration/gateway/response-heads.test.ts': {
    'a head of ${octets} octets from ${service} is 502 for a client of ${client}':
      'services.responseHead',
  },
};
