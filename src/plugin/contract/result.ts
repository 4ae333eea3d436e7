import type { Identity } from '../../core/identity.ts';
import type { Cookie } from '../../core/own-cookies.ts';

/** Why: for the access log and `fairlead explain`. Holds no credential. */
export interface Reason {
  /** Lower-case words joined by dots, at most 100 characters: `jwt.expired`. Stays the same for ever. */
  readonly code: string;
  /** For operators only; never sent to a client. */
  readonly detail?: string;
}

/** A credential of the plugin's kind that another provider may know, such as a token of another issuer. */
export interface UnclaimedCredential {
  readonly reason: Reason;
  /** As in `deny`. */
  readonly wwwAuthenticate?: readonly string[];
}

/**
 * What `authenticate` may answer: four outcomes. Anything else (a throw, a timeout, a member that breaks a rule) is a
 * failure of the plugin, answered 503.
 */
export type AuthResult =
  | {
      /** The request has no credential of this plugin's. The next provider of the rule is asked. */
      readonly kind: 'pass';
      /**
       * It has one, and that may be another provider's. When no provider of the rule takes it the answer is 401 with
       * this, and neither a challenge nor a login.
       */
      readonly unclaimed?: UnclaimedCredential;
    }
  | {
      readonly kind: 'identity';
      readonly identity: Identity;
      readonly setCookies?: readonly Cookie[];
      /**
       * What the service gets as Authorization, in place of the client's. A credential: recorded nowhere. A plugin
       * that gives it says `authorization: 'writes'`.
       */
      readonly authorization?: string;
    }
  | {
      readonly kind: 'challenge';
      readonly challenge: Challenge;
      readonly reason: Reason;
      /**
       * The holder is known, and the login is not what `req.route.requires` wants (RFC 9470). The core refuses such an
       * identity as well, so a plugin that cannot do better gives it. A login that comes back no better must end at a
       * page of the plugin's own, or it goes round for ever.
       */
      readonly isStepUp?: boolean;
    }
  | {
      /** There is a credential, and it is not good. No other provider is asked. */
      readonly kind: 'deny';
      readonly status: 401 | 403;
      readonly reason: Reason;
      /** At most 16 field values of at most 8192 octets: `Bearer error="invalid_token"` (RFC 6750 3). */
      readonly wwwAuthenticate?: readonly string[];
    };

/** How to sign in. The core chooses redirect or 401 by `req.class`, and joins the lists of all providers. */
export interface Challenge {
  /** For everything but navigations. As in `deny`. */
  readonly wwwAuthenticate?: readonly string[];
  /**
   * For navigations only. `location` is a path of this host, or an absolute http(s) URL without user information; at
   * most 8192 octets.
   */
  readonly redirect?: { location: string; setCookies?: readonly Cookie[] };
  /**
   * The login cannot be begun now: a navigation that no other provider can send anywhere gets 503 with this reason.
   * Unlike a throw it is no failure of the provider, whose sessions stay good.
   */
  readonly unavailable?: Reason;
}
