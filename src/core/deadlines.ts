/**
 * Every wait of the program, with its default in milliseconds. Nothing waits without a row here;
 * `test/unit/core/deadlines.test.ts` demands a test for each row. Policy overrides are named beside it.
 */
export const DEADLINES = {
  /** accept → TLS handshake complete, or on the plain port the first octets there. `gateway.client.handshake` */
  clientHandshakeMs: 10_000,
  /** first octet → request head complete, and between head and head. `gateway.client.headers` */
  clientHeadersMs: 10_000,
  /** keep-alive connection without a request. `gateway.client.idle` */
  clientIdleMs: 75_000,
  /** a response that the client does not read. `gateway.client.write` */
  clientWriteMs: 60_000,
  /** window over which `gateway.client.bodyMinRate` is judged. */
  clientBodyRateWindowMs: 10_000,
  /** after the last response of a connection: the rest the client still sends is read and dropped this long. */
  clientLingerMs: 2_000,
  /** last GOAWAY sent → end of an HTTP/2 connection whose peer does not close. */
  clientLeaveMs: 5_000,
  /** one plugin call. `providers.X.timeout` */
  pluginCallMs: 2_000,
  /** one call of a plugin's endpoint: a callback asks the identity provider. */
  pluginEndpointMs: 10_000,
  /** `create()` and `reload()` of a plugin instance, before the provider counts as failed. */
  pluginCreateMs: 10_000,
  /** a failed `create()` → the next attempt: doubling between these. */
  pluginRetryMinMs: 1_000,
  pluginRetryMaxMs: 30_000,
  /** an answer to `health()` → the next question. */
  pluginHealthMs: 10_000,
  /** window in which five failures open a provider's circuit, and how long it stays open. */
  pluginCircuitWindowMs: 10_000,
  pluginCircuitOpenMs: 5_000,
  /** replaced by an instance that is not proven → that one answers all the same. */
  pluginKeptMs: 3_600_000,
  /** replaced by a reload → closed, whatever is still in flight. */
  pluginRetireMs: 10_000,
  /** TCP and TLS to a tcpListener, and a lane from its attach to the response opening. `timeout.connect` of path, route, service */
  upstreamConnectMs: 3_000,
  /** request sent → response head. `timeout.response` of path, route, service */
  upstreamResponseMs: 60_000,
  /** silence of an upstream body. `timeout.idle` of path, route, service */
  upstreamIdleMs: 300_000,
  /** silence of a WebSocket, an event stream or a gRPC stream. `timeout.stream` of path, route, service */
  upstreamStreamIdleMs: 3_600_000,
  /** a request began → it may still be sent on another connection; later, that would double a wait. `services.X.retry.within` */
  upstreamRetryMs: 1_000,
  /** end of a WebSocket's client → the application's; then the stream is cut. */
  upgradeEndMs: 10_000,
  /** end of a passthrough application → the client's, while it may turn out to be a reset. */
  upstreamEndMs: 50,
  /** a pooled upstream connection without a request. */
  upstreamKeepAliveMs: 55_000,
  /** last stream of an HTTP/2 connection to an application that is let go → cut, if the application does not end it. */
  upstreamLeaveMs: 5_000,
  /** attempts at a service that keeps failing: doubling between these. `services.X.outlier` */
  outlierMinMs: 1_000,
  outlierMaxMs: 30_000,
  /** an opening found no consumer of a routing key → a service with several keys takes that key first again. */
  keyRefusedMs: 1_000,
  /** an answer to a health check → the next question. `services.X.health.every` */
  healthEveryMs: 10_000,
  /** a health check, connection and answer. `services.X.health.timeout` */
  healthTimeoutMs: 2_000,
  /** TCP, TLS, SASL and open of one router connection. */
  routerConnectMs: 5_000,
  /** no credit on a lane: no consumer. `network.creditWait` */
  laneCreditMs: 3_000,
  /** no credit on a lane → the watch of its routing key is asked again. */
  laneDoubtMs: 500,
  /** a watching sender attached and without credit: its routing key has no consumer. */
  watchCreditMs: 250,
  /** opening sent → response opening. `network.openWait` */
  laneOpenMs: 5_000,
  /** opening sent → another beside it, when the router lives. */
  laneLateMs: 1_000,
  /** given up while its opening was late → it is aborted, if it is still not answered. */
  laneUnansweredMs: 60_000,
  /** given up while its application read nothing → it is aborted, if that still reads nothing. */
  laneUnreadMs: 300_000,
  /** server FIN → outcome of our delivery, before a close-delimited body counts as cut. */
  laneOutcomeMs: 5_000,
  /** a lane that came back unopened → its connection is no longer taken last for that routing key. */
  laneRefusedMs: 1_000,
  /** a lane that came back unopened → its place at the router is given back. */
  laneHeldMs: 5_000,
  /** a lane whose stream ended, kept for the next one. */
  laneIdleMs: 10_000,
  /** our `end` → the peer's `end`, before the channel number is lost. */
  sessionEndMs: 10_000,
  /** what we announce as idle-time-out; a router silent for twice this is dead. */
  routerIdleMs: 4_000,
  /** our `close` → the router's `close`, before the socket is cut. */
  routerCloseMs: 1_000,
  /** replaced by new credentials or another link → closed, whatever lanes are left. */
  networkDrainMs: 300_000,
  /** a file of the policy changed → it is read, if nothing else changed meanwhile. `gateway.watch.settle` */
  watchSettleMs: 500,
  /** between two looks at the files of the policy where no event told of a change. `gateway.watch.poll` */
  watchPollMs: 10_000,
  /** between two looks at the signs of overload, where `gateway.shedding` names some. */
  overloadLookMs: 1_000,
  /** reconnect back-off: full jitter between these. `network.backoff` */
  reconnectMinMs: 100,
  reconnectMaxMs: 2_000,
  /** one redemption of an access token, answer included. */
  redeemMs: 10_000,
  /** silence of a place that a plugin asked; each plugin sets shorter limits of its own. */
  pluginFetchMs: 15_000,
  /** fetch of discovery and keys. */
  jwksFetchMs: 5_000,
  /** no second fetch of keys within this. */
  jwksCooldownMs: 30_000,
  /** last good keys may be used this long while the issuer is down. */
  jwksMaxStaleMs: 86_400_000,
  /** a session that is not used. `gateway.sessions.idle` */
  sessionIdleMs: 1_800_000,
  /** a session, however it is used. `gateway.sessions.absolute` */
  sessionAbsoluteMs: 43_200_000,
  /** an identity is over → its open requests and streams end, at most. */
  identitySweepMs: 1_000,
  /** a stream was told that its identity is over → it is cut, if its client takes nothing. */
  farewellMs: 500,
  /** a look whether the sessions of open streams go on, should word of their end be lost. */
  sessionCheckMs: 30_000,
  /** one operation of a shared store; sessions are then 503, never anonymous. */
  storeCallMs: 1_000,
  /** one look at a limit in a shared store; then `whenDown` of the limit decides. `gateway.store.timeout` */
  limitStoreMs: 250,
  /** a place in a shared store → free again, when its gateway died. */
  placeLeaseMs: 10_000,
  /** a shared store failed → one request asks it again. */
  limitRetryMs: 1_000,
  /** TCP and TLS to a shared store. */
  storeConnectMs: 3_000,
  /** a ping on the store's connection, and the silence after which it counts as dead. */
  storePingMs: 3_000,
  storeSilenceMs: 10_000,
  /** a lease not renewed any more → free for others, and how often its holder renews it. */
  leaseMs: 3_000,
  leaseRenewMs: 1_000,
  /** a lease held by another replica → the next look. */
  leasePollMs: 50,
  /** login redirect → callback. */
  loginAttemptMs: 600_000,
  /** one request to the token, PAR, userinfo or revocation endpoint of a login provider. */
  loginRequestMs: 8_000,
  /** failed discovery of a login provider → the next: doubling between these. */
  loginRetryMinMs: 1_000,
  loginRetryMaxMs: 30_000,
  /** a refresh that did not reach the login provider → the next one of that session. */
  loginRefreshRetryMs: 30_000,
  /** unready → closing listeners. `gateway.drain.delay` */
  drainDelayMs: 5_000,
  /** closing listeners → exit whatever is left. `gateway.drain.limit` */
  drainLimitMs: 30_000,
} as const;
