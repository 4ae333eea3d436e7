import { ISSUER_WAITS } from 'fairlead/plugin/kit';

/**
 * Numbers of this plugin. Those that are waits repeat the rows of the gateway's deadline table, since
 * a plugin imports nothing but the contract; `test/unit/plugins/oidc/options.test.ts` compares them.
 */
export const LIMITS = {
  /** login redirect → callback. Long enough for a second factor, short enough for a shared screen. */
  attemptMs: 600_000,
  /** discovery and keys. */
  metadataMs: ISSUER_WAITS.fetchMs,
  /** one request to the token, PAR, userinfo or revocation endpoint; some providers take seconds. */
  requestMs: 8_000,
  /** failed discovery → the next: doubling between these. */
  retryMinMs: 1_000,
  retryMaxMs: 30_000,
  /** metadata older than this is fetched again, in the background. */
  metadataFreshMs: 3_600_000,
  /** a refresh that found the provider unreachable → the next one of that session. */
  refreshRetryMs: 30_000,
  /** of the time an endpoint has, what is left for the session and for our own answer. */
  answerMs: 1_000,
  /** the lease of one refresh and the mark that it is under way, above `requestMs` so that they outlive its request. */
  refreshLeaseMs: 20_000,
  /** a replaced refresh token is remembered this long, for whoever was about to use it. */
  rotatedMs: 60_000,
  /** the state key is replaced at this interval; the one before opens attempts that are under way. */
  stateKeyMs: 43_200_000,
  /** completed logins of a browser that do not stop it being sent to the login, and their window. */
  loopCompletions: 2,
  loopWindowMs: 60_000,
  /** A login that lost a race begins again by itself so often; of ten tabs one may lose several in a row. */
  rounds: 5,
  /** the oldest logout token that is believed; its `jti` is remembered as long. */
  logoutTokenMs: 600_000,
  /** */
  maxSkewMs: 60_000,
  /** What a provider may answer: a token response with a 64 KiB ID token is far below it. */
  documentOctets: 1024 * 1024,
  /** One parameter of a callback, and all of them. Codes of public providers are below 2 KiB. */
  parameterCharacters: 4096,
  parametersCharacters: 16_384,
  logoutTokenCharacters: 8192,
  /** A posted answer in an address of ours, sealed: addresses end at 8192 octets. */
  postedCharacters: 8000,
  /** Longer return paths would make the state longer than providers accept; such a login ends with a word about it. */
  returnToCharacters: 1024,
  /** Longer ID tokens are not kept for `id_token_hint`: they would make a URL that no server reads. */
  idTokenHintCharacters: 4096,
} as const;
