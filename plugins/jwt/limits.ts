/** Numbers of this plugin. */
export const LIMITS = {
  /** no octet of a longer token is parsed. A request head holds little more anyway. */
  tokenCharacters: 8192,
  /** An opaque map key; issuers use thumbprints, UUIDs and dates. */
  keyIdCharacters: 256,
  /** a verified token is decided from memory this long at most. */
  verdictMs: 60_000,
  /** Remembered tokens: a count, and their characters together. */
  verdicts: 10_000,
  verdictCharacters: 16 * 1024 * 1024,
  /** */
  maxSkewMs: 60_000,
} as const;
