import type { Cookie } from './own-cookies.ts';

/**
 * A value of a claim. An integer beyond 2^53 is a bigint and one within is a number, so one value has one
 * form; the other form makes the identity malformed. `parseJson` reads claims so.
 */
export type Json = string | number | bigint | boolean | null | Json[] | { [k: string]: Json };

/**
 * Who sends a request, whatever the credential was. A member that breaks a rule below is a failure of the
 * plugin: 503, never a pass. Members that are not listed here are ignored.
 */
export interface Identity {
  /** Unique within `issuer`. 1 to 1024 characters without controls, as `issuer` and `method` too. */
  readonly subject: string;
  /** Whose word it is: `iss` of a token, the name of an authority, or the provider's name. */
  readonly issuer: string;
  /**
   * What a policy reads as `identity.claims.*`. Plain JSON: at most 32 levels and 10,000 values, no number that is
   * not finite. An identity that is frozen to the leaves is looked at once, however often it comes back.
   */
  readonly claims: Readonly<Record<string, Json>>;
  /** How it was proved, for policies and logs: `jwt`, `oidc`, or a name of the plugin's own. */
  readonly method: string;
  /**
   * Milliseconds since 1970: when the person or client proved who it is, for `require: { maxAge }`.
   * 0: the credential does not say, so no `maxAge` is met.
   */
  readonly authenticatedAt: number;
  /** Milliseconds since 1970. The core ends streams of this identity then. Absent: no end of its own. */
  readonly expiresAt?: number;
  /** How strong the login was, for `require: { acr }` (OpenID Connect Core 2, `acr`). 1 to 1024 characters. */
  readonly assurance?: string;
  /**
   * Id of a session of `ctx.sessions`. Revoking it ends its streams. A browser sends the session's cookie by itself,
   * so methods other than GET, HEAD and OPTIONS, and WebSocket handshakes, must come from the same origin.
   */
  readonly session?: string;
}

/** An identity with the provider of the policy that gave it, and what came with it. */
export interface AuthenticatedIdentity extends Identity {
  readonly provider: string;
  /** Claims of the other providers of `{ all: [...] }`, by provider. */
  readonly with?: Readonly<Record<string, Identity['claims']>>;
  /** Everyone of `{ all: [...] }`, the subject first. */
  readonly members?: readonly Identity[];
  /** Who keeps `session`, where that is not `provider`. */
  readonly sessionProvider?: string;
  /** For the response, when there is one; attributes are the core's. */
  readonly setCookies?: readonly Cookie[];
  /** What the application gets as Authorization, in place of the client's. A credential: never logged. */
  readonly authorization?: string;
}
