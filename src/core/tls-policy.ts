/** H2, R-15: ECDHE with AEAD only, in our order of preference. The TLS 1.3 suites are all AEAD. */
export const CIPHER_SUITES = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
] as const;

/** Of key exchange, as OpenSSL calls them. */
export const KEY_GROUPS = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384', 'P-521'] as const;

/** In our order of preference (RFC 7301 3.2). */
export const APPLICATION_PROTOCOLS = ['h2', 'http/1.1'] as const;

export const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

/** What TLS with clients is made of. */
export interface TlsPolicy {
  readonly min: (typeof TLS_VERSIONS)[number];
  readonly max: (typeof TLS_VERSIONS)[number];
  /** In order of preference, as the lists below. */
  readonly ciphers: readonly string[];
  /** Undefined: those of OpenSSL, X25519MLKEM768 before all others. */
  readonly groups: readonly string[] | undefined;
  readonly alpn: readonly string[];
}
