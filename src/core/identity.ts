/**
 * What the stages after `authenticate` need of an identity. The plugin contract's `Identity` satisfies
 * it; the stages cannot import the contract, and need no more than this.
 */
export interface IdentityLike {
  /** Unique within the issuer. */
  readonly subject: string;
  readonly issuer: string;
  /** How it was proved: `jwt`, `oidc`, `client-cert`, or a package name. */
  readonly method: string;
  /** The provider of the policy that gave it. */
  readonly provider?: string;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Id of its login session, where there is one. */
  readonly session?: string;
  /** Claims of the other providers of `{ all: [...] }`, by provider. */
  readonly with?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What the application gets as Authorization, in place of the client's. A credential: never logged. */
  readonly authorization?: string;
}
