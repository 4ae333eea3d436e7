import type { Identity, Json } from '../../core/identity.ts';
import type { RequestView } from './request.ts';
import type { Cookie } from '../../core/own-cookies.ts';

/** A session as its provider sees it. */
export interface Session {
  /** Not the cookie's secret: may be logged and compared. */
  readonly id: string;
  /** `session` is `id`; `expiresAt` is never after the end of the session. */
  readonly identity: Identity;
  /** What the provider keeps with it. */
  readonly data: Json;
}

/**
 * The sessions of one provider. The name of the cookie, its attributes, renewal of ids, idle and absolute limits,
 * storage and revocation are the core's (`gateway.sessions`).
 *
 * Everything rejects when the store is down: answered 503, never taken for "no session". An identity that
 * `authenticate` could not give rejects with an error whose `code` is `malformed_identity`.
 */
export interface Sessions {
  /**
   * A new session with a new id, for the host of `request` alone. `replaces` is the id of a session that it ends;
   * `sid` the issuer's name for it, by default `identity.claims.sid`. The cookies belong on the response.
   */
  open(init: {
    request: RequestView;
    identity: Identity;
    data: Json;
    replaces?: string;
    sid?: string;
  }): Promise<{ id: string; setCookies: readonly Cookie[] }>;
  /**
   * Verified, alive and opened at the host of `req`, or undefined. A value at once where the store is in memory, so
   * test for a promise before an `await` in `authenticate`.
   */
  current(req: RequestView): Session | undefined | Promise<Session | undefined>;
  /**
   * Compare-and-set: `change` may be called again with newer data. Rejects when the session has ended. The cookies
   * (none with `gateway.sessions: { store: server }`) belong on the response, as `setCookies` of the identity.
   */
  update(
    id: string,
    change: (data: Json) => Json,
    identity?: Identity,
  ): Promise<{ setCookies: readonly Cookie[] }>;
  /** Ends the sessions that match all members given, and their open streams, on all replicas; gives their number. */
  revoke(filter: {
    session?: string;
    subject?: string;
    issuer?: string;
    sid?: string;
  }): Promise<number>;
  /** Cookies that clear the session's own in this browser, for the response to a logout. */
  clear(req: RequestView): readonly Cookie[];
}
