/**
 * The signature algorithms that our own plugins know. Asymmetric only: with HS* whoever can verify can sign, and a public
 * key or a client secret could serve as the key.
 */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;

export type Algorithm = (typeof ALGORITHMS)[number];

/** What providers sign with when the policy does not say. */
export const DEFAULT_ALGORITHMS: readonly Algorithm[] = [
  'RS256',
  'PS256',
  'ES256',
  'EdDSA',
  'Ed25519',
];
