/**
 * Numbers of this plugin. Those that are waits repeat the rows of the gateway's deadline table, since
 * a plugin imports nothing but the contract; `test/unit/plugins/jwt/options.test.ts` compares them.
 */
export const LIMITS = {
  /** no octet of a longer token is parsed. A request head holds little more anyway. */
  tokenCharacters: 8192,
  /** An opaque map key; issuers use thumbprints, UUIDs and dates. */
  keyIdCharacters: 256,
  /** Levels of objects and lists in header, claims, keys and metadata. */
  jsonDepth: 32,
  /** Discovery and key documents. The largest public ones are below 20 KiB. */
  documentOctets: 256 * 1024,
  keysPerSet: 100,
  /** discovery and keys together. */
  fetchMs: 5_000,
  /** no second fetch within this once there are keys. */
  cooldownMs: 30_000,
  /** the first wait while there are no keys at all; doubles up to the cooldown. */
  firstRetryMs: 1_000,
  /** keys older than this are fetched again, in the background. */
  freshMs: 600_000,
  /** last good keys serve this long while the issuer is down. */
  maxStaleMs: 86_400_000,
  /** a verified token is decided from memory this long at most. */
  verdictMs: 60_000,
  /** Remembered tokens: a count, and their characters together. */
  verdicts: 10_000,
  verdictCharacters: 16 * 1024 * 1024,
  /** */
  maxSkewMs: 60_000,
} as const;
