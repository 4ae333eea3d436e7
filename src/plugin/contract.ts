import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';

/**
 * The plugin contract, `fairlead/plugin`: types, `definePlugin`, and the reader that keeps numbers exact.
 * The built-in plugins use exactly this and nothing else of ours.
 */
export const PLUGIN_API = 1 as const;

/** `JSON.parse` and `JSON.stringify` with exact numbers: an integer beyond 2^53 is a bigint, a fraction that a double
 *  does not keep is null. Claims are read with it, or a large id would become another one. */
export { parseJson, stringifyJson } from '../core/exact-json.ts';

/** A bigint only where the integer is beyond 2^53, a number only within: one value has one form. */
export type Json = string | number | bigint | boolean | null | Json[] | { [k: string]: Json };
/** Standard Schema with its JSON Schema half (npm @standard-schema/spec 1.1): zod, valibot or arktype, the author's choice.
 *  Validated by the core with file:line:col; its JSON Schema is composed into the policy schema, so editors complete it. */
export type OptionsSchema<O> = StandardSchemaV1<unknown, O> & StandardJSONSchemaV1<unknown, O>;

/** What every authenticator must produce, whatever the credential was. */
export interface Identity {
  readonly subject: string; // unique within issuer
  readonly issuer: string; // OIDC/JWT iss, CA name, or plugin name
  readonly claims: Readonly<Record<string, Json>>; // the policy reads `identity.claims.*`
  readonly method: string; // 'oidc' | 'jwt' | 'client-cert' | package name
  readonly authenticatedAt: number; // ms, of the login itself; feeds maxAge / step-up. 0: the credential does not tell, and no maxAge is met
  readonly expiresAt?: number; // ms; the core ends streams at this moment
  readonly assurance?: string; // acr
  readonly session?: string; // id of a session of ctx.sessions; revoke(session) ends its streams, and unsafe methods need a same-origin check
}

/** Stable, documented, safe to show to an operator; never contains a credential. */
export interface Reason {
  readonly code: string; // 'jwt.expired', 'cert.revoked', 'oidc.state_unknown'
  readonly detail?: string; // operators only (log, explain)
}

/** A credential of the plugin's kind that another provider may know, such as a token of another issuer. */
export interface UnclaimedCredential {
  readonly reason: Reason;
  readonly wwwAuthenticate?: readonly string[];
}

/** The whole contract: four outcomes. Anything else (throw, timeout, bad shape) is a plugin failure. */
export type AuthResult =
  | {
      readonly kind: 'pass'; // no credential of mine
      /** There is one, and it may be another provider's. When no provider of the rule takes it the answer is 401 with
       *  this, and neither a challenge nor a login. */
      readonly unclaimed?: UnclaimedCredential;
    }
  | {
      readonly kind: 'identity';
      readonly identity: Identity;
      readonly setCookies?: readonly Cookie[];
      /** What the service gets as Authorization, in place of the client's (B6). A credential: recorded nowhere. */
      readonly authorization?: string;
    }
  | {
      readonly kind: 'challenge';
      readonly challenge: Challenge;
      readonly reason: Reason;
      /** The holder is known, and the login is not what `req.route.requires` wants (RFC 9470). The core says no to such
       *  an identity as well, so a plugin that cannot do better gives it; a login that comes back no better must end at a
       *  page of the plugin's own, or it goes round for ever. */
      readonly isStepUp?: boolean;
    }
  | {
      readonly kind: 'deny';
      readonly status: 401 | 403;
      readonly reason: Reason;
      readonly wwwAuthenticate?: readonly string[];
    }; // e.g. Bearer error="invalid_token" (RFC 6750 3)

/** What the core puts before the name of each cookie that a plugin sets: `__Host-` binds it to host and https (RFC 6265bis 4.1.3.2). */
export const COOKIE_PREFIX = '__Host-fairlead-';

/** The core adds COOKIE_PREFIX, Secure, HttpOnly, Path=/ and SameSite (Lax; None only where crossSitePost is needed).
 *  A plugin begins the name with its provider's and a dot (`corp.login`), reads it back as
 *  `req.cookies.get(COOKIE_PREFIX + name)`, and clears it with maxAgeSeconds 0. No application ever sees it. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly maxAgeSeconds?: number;
  readonly crossSitePost?: boolean;
}

/** Declarative: the core picks redirect or 401 by request class, and merges WWW-Authenticate lists. */
export interface Challenge {
  readonly wwwAuthenticate?: readonly string[]; // API clients
  readonly redirect?: { location: string; setCookies?: readonly Cookie[] }; // navigations only
  /** The login cannot be begun now: a navigation that no other provider can send anywhere gets 503 with this reason.
   *  Unlike a throw it is no failure of the provider, whose sessions stay good. */
  readonly unavailable?: Reason;
}

export interface RequestView {
  // read only; no body
  readonly id: string;
  readonly class: 'navigation' | 'api' | 'websocket' | 'grpc';
  readonly method: string;
  readonly host: string; // of `url`, lower case, without port: what a `__Host-` cookie belongs to
  readonly url: URL;
  readonly headers: Headers;
  readonly cookies: ReadonlyMap<string, string>;
  readonly client: { readonly ip: string };
  readonly tls?: {
    readonly serverName?: string;
    readonly alpn?: string;
  };
  readonly route: { readonly name: string; readonly requires: Requirements };
}
export interface Requirements {
  readonly acr?: string;
  readonly maxAgeMs?: number;
}

/** Capabilities are handed in; a plugin imports nothing global. */
export interface Context {
  readonly name: string; // provider name in the policy file
  readonly signal: AbortSignal; // aborts on close()
  readonly log: Record<
    'debug' | 'info' | 'warn' | 'error',
    (msg: string, fields?: Record<string, Json>) => void
  >;
  /** The event is a word; of `labels` four at most are kept, their values cut at 64 characters. */
  readonly metrics: { count(name: string, by?: number, labels?: Record<string, string>): void };
  readonly clock: { now(): number };
  readonly fetch: (input: string | URL, init?: FetchInit) => Promise<Response>; // undici behind the egress rules
  readonly store: Store; // namespaced: memory or redis, same semantics
  /** Core session service: cookie name, attributes, id renewal, idle and absolute limits, storage and revocation are the core's. */
  readonly sessions: Sessions;
  /** One run per key at a time, over all replicas. Callers in this process share its outcome; another replica runs its own
   *  work when ours has ended, so work begins by re-reading what it would change. Aborts after ttlMs, or when the lease is lost. */
  singleFlight<T>(key: string, ttlMs: number, fn: (s: AbortSignal) => Promise<T>): Promise<T>; // across replicas
}
/** A session as its provider may see it. `identity.session` is the id; `identity.expiresAt` is never after the session's own end. */
export interface Session {
  readonly id: string; // not the cookie's secret: may be logged and compared
  readonly identity: Identity;
  readonly data: Json;
}
/** The sessions of one provider. Everything rejects when the store is down: answered 503, never taken for "no session".
 *  An identity that `authenticate` could not give rejects with an error whose `code` is `malformed_identity`. */
export interface Sessions {
  /** A new id at each login, for the host of `request` alone; `replaces` ends the one before. `sid` is the issuer's
   *  name for it, by default `identity.claims.sid`. */
  open(init: {
    request: RequestView;
    identity: Identity;
    data: Json;
    replaces?: string;
    sid?: string;
  }): Promise<{ id: string; setCookies: readonly Cookie[] }>;
  /** Verified, alive and opened at the host of `req`, or undefined. A value at once where the store is in memory, so test for a promise on the hot path. */
  current(req: RequestView): Session | undefined | Promise<Session | undefined>;
  /** Compare-and-set: `change` may be called again with newer data. Rejects when the session has ended. The cookies
   *  (none with `sessions: server`) belong on the response, as `setCookies` of the identity. */
  update(
    id: string,
    change: (data: Json) => Json,
    identity?: Identity,
  ): Promise<{ setCookies: readonly Cookie[] }>;
  /** All members given must match. Ends the open streams too, on all replicas; gives the number of sessions ended. */
  revoke(filter: {
    session?: string;
    subject?: string;
    issuer?: string;
    sid?: string;
  }): Promise<number>;
  /** Cookies that clear the session's own in this browser, for the response to a logout (L7). */
  clear(req: RequestView): readonly Cookie[];
}
/** What a plugin may ask of the core's connection beside the usual; the core enforces both when it connects. */
export interface FetchInit extends RequestInit {
  readonly allowPrivate?: boolean; // default false: loopback, private and link-local addresses are refused after resolution
  readonly ca?: string; // PEM; trusted instead of the system's store
  readonly clientCertificate?: { readonly cert: string; readonly key: string }; // PEM; shown to the server (RFC 8705)
}
/** Memory keeps each kind of key, what stands before its first dot, within a bound of its own; full rejects. */
export interface Store {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, opts: { ttlMs: number; ifAbsent?: boolean }): Promise<boolean>;
  delete(key: string): Promise<void>;
}

export interface Call {
  readonly signal: AbortSignal;
  readonly deadline: number;
} // per request

export interface Authenticator<O = unknown> {
  authenticate(req: RequestView, call: Call): AuthResult | Promise<AuthResult>;
  /** Asked only when every provider passed. Absent: this provider never challenges. */
  challenge?(req: RequestView, why: Reason, call: Call): Challenge | Promise<Challenge>;
  /** Callback, logout, back-channel logout. Mounted by the core below /.fairlead/<provider>/.
   *  A GET `login` begins a login on purpose: the core links there with `return_to`, and `acr_values` and `max_age`
   *  (seconds) where the route requires them. */
  endpoints?: readonly Endpoint[];
  /** New options, same instance; return 'restart' to be created afresh. Never called concurrently. */
  reload?(options: O): Promise<void | 'restart'>;
  health?(call: Call): Promise<{ ok: boolean; detail?: string }>;
  close?(): Promise<void>;
}
/** An endpoint's request: the body comes as it was sent, so doubled parameters stay visible. Rejects beyond maxBodyBytes. */
export type EndpointRequest = RequestView & { body(): Promise<Uint8Array> };
/** Cookies travel beside the response, since their attributes are the core's; its own Set-Cookie fields are dropped. */
export type EndpointAnswer =
  Response | { readonly response: Response; readonly setCookies: readonly Cookie[] };
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  readonly path: string; // below /.fairlead/<provider>/, without a slash in front: 'callback'
  readonly csrf: 'none' | 'same-origin'; // same-origin: Sec-Fetch-Site or Origin must say so, else 403
  readonly maxBodyBytes?: number; // default 64 KiB; beyond: 413
  handle(req: EndpointRequest, call: Call): Promise<EndpointAnswer>;
}

export interface PluginKinds<O> {
  authenticator: Authenticator<O>;
}

export interface Plugin<K extends keyof PluginKinds<O>, O> {
  readonly api: typeof PLUGIN_API;
  readonly kind: K;
  readonly name: string;
  /** What it has to do with the Authorization field. `reads`: the field is its credential, and goes on to the service with
   *  a request that its provider accepts. `writes`: the service may take the field for the gateway's own word, so a
   *  client's goes on from no path of a route that asks its provider, but as `reads` says. Absent: neither. */
  readonly authorization?: 'reads' | 'writes';
  readonly options: OptionsSchema<O>;
  /** Beyond the schema; pure and offline so that `fairlead check` in CI can call it. path points into options. */
  check?(
    options: O,
  ): readonly { path: readonly (string | number)[]; message: string; hint?: string }[];
  /** At a reload: whether an instance with the options `before` may answer while one with `next` does not work yet, an
   *  hour at most. No, where it would let in whom `next` does not. Pure. Absent: when their `issuer` is the same. */
  mayStandIn?(before: O, next: O): boolean;
  create(options: O, ctx: Context): Promise<PluginKinds<O>[K]>;
}
export function definePlugin<O, K extends keyof PluginKinds<O>>(p: Plugin<K, O>): Plugin<K, O> {
  return p;
}
