/**
 * Every metric of the gateway. `help` is the HELP line of /metrics; `act` says what an operator does about it.
 * docs/metrics.md is written from this table (`npm run names`).
 *
 * Counters end in `_total`; a unit that is more than a count is part of the name. Label values are names from
 * the policy, codes and fixed words: never a tenant, subject, address or the path of a request.
 */
export interface Metric {
  readonly name: `fairlead_${string}` | `http_server_${string}`;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** What one is: a base unit, or what is counted. */
  readonly unit: string;
  readonly labels: readonly string[];
  readonly help: string;
  readonly act: string;
}

export const METRICS = {
  duration: {
    name: 'http_server_request_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    labels: ['route', 'http_route', 'http_request_method', 'http_response_status_code'],
    help: 'Time from the request head to the last octet of the response. The count is the number of requests.',
    act: 'Alert on the share of 5xx and on a high quantile for each `route`. The access line of a slow request has `service`, `retries` and `fault`.',
  },
  activeRequests: {
    name: 'http_server_active_requests',
    type: 'gauge',
    unit: 'requests',
    labels: [],
    help: 'Requests in flight, streams and WebSockets included.',
    act: 'A number that only grows means slow applications or clients: compare it with `fairlead_upstream_requests`.',
  },
  refusals: {
    name: 'fairlead_refusals_total',
    type: 'counter',
    unit: 'requests',
    labels: ['code'],
    help: 'Requests refused by a check or a rule of the policy, by refusal code.',
    act: 'Look the code up in [errors.md](errors.md); the access lines have `reason` and `reason_detail`.',
  },
  faults: {
    name: 'fairlead_faults_total',
    type: 'counter',
    unit: 'requests',
    labels: ['code'],
    help: 'Requests that failed, by fault code.',
    act: 'Look the code up in [errors.md](errors.md). `internal` is a bug of the gateway: the log has the stack. `client_gone` is usual in small numbers.',
  },
  drops: {
    name: 'fairlead_client_drops_total',
    type: 'counter',
    unit: 'connections and HTTP/2 streams',
    labels: ['reason'],
    help: 'Connections and HTTP/2 streams of clients closed without an answer, by reason.',
    act: 'Look the reason up in [errors.md](errors.md); the log names the address. A rise of a `…_ceiling` means an attack, or a ceiling that is too low.',
  },
  incomplete: {
    name: 'fairlead_incomplete_responses_total',
    type: 'counter',
    unit: 'responses',
    labels: [],
    help: 'Responses that the client did not get whole.',
    act: 'Access lines with `complete: false` have the fault: `client_gone` is the client that left, `upstream_…` the application or the network.',
  },
  limited: {
    name: 'fairlead_limited_total',
    type: 'counter',
    unit: 'requests',
    labels: ['limit', 'mode'],
    help: 'Requests over a limit of the policy, by the name of the limit. Mode shadow: they passed.',
    act: 'With `mode: shadow`, see here what a limit would refuse before you set `mode: enforce`.',
  },
  requestBytes: {
    name: 'fairlead_request_body_bytes_total',
    type: 'counter',
    unit: 'bytes',
    labels: [],
    help: 'Octets of request bodies that came from clients.',
    act: 'For capacity planning. Counted when a request ends.',
  },
  responseBytes: {
    name: 'fairlead_response_body_bytes_total',
    type: 'counter',
    unit: 'bytes',
    labels: [],
    help: 'Octets of response bodies sent to clients.',
    act: 'For capacity planning. Counted when a request ends.',
  },
  passthroughEnds: {
    name: 'fairlead_passthrough_connections_total',
    type: 'counter',
    unit: 'connections',
    labels: ['route', 'end'],
    help: 'Passthrough connections that ended, by how: complete, or the code of a refusal or fault.',
    act: 'Alert on ends other than `complete` and `client_gone`. The access line (`kind: connection`) has the detail.',
  },
  passthroughBytes: {
    name: 'fairlead_passthrough_bytes_total',
    type: 'counter',
    unit: 'bytes',
    labels: ['route', 'direction'],
    help: 'Octets of passthrough connections: from_client, to_client.',
    act: 'For capacity planning. Counted when a connection ends.',
  },
  passthroughOpen: {
    name: 'fairlead_passthrough_connections',
    type: 'gauge',
    unit: 'connections',
    labels: [],
    help: 'Passthrough connections, open or being connected.',
    act: 'Compare it with the `concurrent` limits of passthrough routes.',
  },
  upstreamRetries: {
    name: 'fairlead_upstream_retries_total',
    type: 'counter',
    unit: 'retries',
    labels: [],
    help: 'Requests retried on another connection.',
    act: 'A steady rate means connections to an application or a router that break: access lines with `retries` name the service.',
  },
  upstreamRequests: {
    name: 'fairlead_upstream_requests',
    type: 'gauge',
    unit: 'requests',
    labels: [],
    help: 'Requests given to connections of services, answered or not.',
    act: 'Growth at a steady load means slow applications. A service whose connections and queue are full answers `upstream_busy`.',
  },
  servicesProbed: {
    name: 'fairlead_services_probed',
    type: 'gauge',
    unit: 'services',
    labels: [],
    help: 'Services whose connections keep failing and get two attempts at a time.',
    act: 'Alert above 0: `fault_detail` of the access lines says why the connections fail ([joining](joining.md#services-without-consumers)).',
  },
  clientConnections: {
    name: 'fairlead_client_connections',
    type: 'gauge',
    unit: 'connections',
    labels: [],
    help: 'Open connections of clients.',
    act: 'Compare it with `gateway.limits.connections`: beyond that, connections are closed at once.',
  },
  routerConnections: {
    name: 'fairlead_router_connections',
    type: 'gauge',
    unit: 'connections',
    labels: [],
    help: 'Open connections to routers of the Skupper network.',
    act: 'Alert at 0: routed requests get `network_unavailable`. `/-/network` of the admin listener has the last error of each.',
  },
  routerCredentialsPending: {
    name: 'fairlead_router_credentials_pending',
    type: 'gauge',
    unit: '0 or 1',
    labels: [],
    help: '1: new links or credentials do not connect, the earlier ones are kept.',
    act: 'Alert when it stays 1, before the old credentials expire: `/readyz` has the reason.',
  },
  routerSessions: {
    name: 'fairlead_router_sessions',
    type: 'gauge',
    unit: 'sessions',
    labels: [],
    help: 'AMQP sessions: one a lane, and one a connection that watches services.',
    act: 'It follows `fairlead_lanes`. A number that stays high long after the load means that sessions do not end: a bug to report.',
  },
  lanes: {
    name: 'fairlead_lanes',
    type: 'gauge',
    unit: 'lanes',
    labels: [],
    help: 'Lanes in the Skupper network, each one connection to an application.',
    act: 'For capacity planning: a router carries a limited number of sessions a connection.',
  },
  certificateEnds: {
    name: 'fairlead_certificate_not_after_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds since 1970',
    labels: ['certificate'],
    help: 'When a certificate that the policy names expires, in seconds since 1970.',
    act: 'Alert on the value minus `time()` below two weeks, and renew the file that the label names.',
  },
  configLastReloadOk: {
    name: 'fairlead_config_last_reload_ok',
    type: 'gauge',
    unit: '0 or 1',
    labels: [],
    help: '1: the last policy that was read is in force. 0: it was refused, and the one before is kept.',
    act: 'Alert at 0: the log and `/-/config` have the errors; `fairlead check` shows them, too.',
  },
  configGeneration: {
    name: 'fairlead_config_generation',
    type: 'gauge',
    unit: 'generation',
    labels: [],
    help: 'Generation of the running policy: it grows with each reload.',
    act: 'A change marks a reload: compare it with the time of an incident.',
  },
  pluginEvents: {
    name: 'fairlead_plugin_events_total',
    type: 'counter',
    unit: 'events',
    labels: ['provider', 'event'],
    help: 'Events that plugins count, by provider and event, with up to four labels of the event.',
    act: 'The events below. Alert on `plugin.failures`.',
  },
  droppedLines: {
    name: 'fairlead_access_log_dropped_total',
    type: 'counter',
    unit: 'lines',
    labels: [],
    help: 'Access lines that were lost, because the reader of the log was too slow or its disk full.',
    act: 'Alert on any: what reads standard output must keep up.',
  },
  timers: {
    name: 'fairlead_timers',
    type: 'gauge',
    unit: 'timers',
    labels: [],
    help: 'Timers that are running: waits of requests, connections and lanes.',
    act: 'It follows the load. Growth without load is a bug to report.',
  },
} as const satisfies Readonly<Record<string, Metric>>;
