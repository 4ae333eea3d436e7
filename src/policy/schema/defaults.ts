/**
 * Defaults of the policy language that are no waits; the waits are in core/deadlines.ts. The schema makes
 * its texts from these, the compile step its values.
 */
export const DEFAULTS = {
  httpsListen: { address: undefined, port: 8443 },
  adminListen: { address: '127.0.0.1', port: 9090 },
  healthMetrics: false,
  bodyBytes: 10 * 1024 * 1024,
  headerBytes: 32 * 1024,
  /** No browser and no API client sends more. */
  headerCount: 128,
  responseHeadBytes: 16 * 1024,
  forwardedBy: 'x-forwarded-for',
  bodyMinRate: 240,
  connections: 10_000,
  connectionsPerAddress: 200,
  /** RFC 6797 6.1.1; a year is what the preload list and J2 want at least. */
  hsts: 'max-age=31536000',
  storePrefix: 'fairlead:',
  sessionStore: 'server',
  routerConnections: 2,
  /** Three thresholds of the stream protocol; more only moves the wait into the router's memory. */
  unackedBytes: 3 * 1024 * 1024,
  protocol: 'http1',
  balance: 'connection',
  hostHeader: 'client',
  /** Bulkhead of one service: well above what one application instance serves at once. */
  maxConnections: 1000,
  /** One or two happen when an instance restarts; five in a row are the service. */
  outlierFailures: 5,
  /** A single answer may be lost; one good answer may be luck. */
  healthUnhealthy: 3,
  healthHealthy: 2,
  /** A tenth: what is sent again must not multiply an overload. */
  retryRatio: 0.1,
  /** In the middle, so that a tier can be put before or behind all others. */
  priority: 5,
  limitsMode: 'enforce',
  limitsAlgorithm: 'window',
  limitsShared: true,
  quotaZone: 'UTC',
  whenDown: 'local-share',
  replicas: 1,
  websocket: true,
  corsCredentials: false,
  /** How long a browser remembers an answer: a time in a header, no wait of ours. */
  corsMaxAgeMs: 600_000,
} as const;
