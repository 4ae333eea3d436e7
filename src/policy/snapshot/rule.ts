import type { AddressRule } from './address-rule.ts';
import type { ClaimPath } from './claim-path.ts';
import type { FieldRules } from './field-rules.ts';
import type { Check, Limits } from './limits.ts';
import type { SourcePosition } from './position.ts';
import type { AuthRequirement, RuleRequirements } from './require.ts';

/** One route and one of its paths, merged: everything that governs a request that lands here. */
export interface Rule {
  /** The route's name in the policy. */
  readonly route: string;
  /** As written, `/**` when the route gives no path. */
  readonly path: string;
  readonly pattern: PathPattern;
  /** Methods that it takes, HEAD among them where GET is; undefined: any. */
  readonly methods: ReadonlySet<string> | undefined;
  /** Fields that a request has to have; undefined: none. */
  readonly matchHeaders: readonly HeaderCondition[] | undefined;
  /** Undefined: the policy itself answers. */
  readonly service: string | undefined;
  /** Undefined: the request goes to `service`. */
  readonly answer: RedirectAnswer | FixedAnswer | undefined;
  /** Undefined: the application gets the path of the client. */
  readonly rewrite: PathRewrite | undefined;
  /** Clients by address; undefined: all. */
  readonly from: readonly AddressRule[] | undefined;
  readonly auth: AuthRequirement;
  /** Undefined: whoever `auth` lets in. Never set on a public rule. */
  readonly requires: RuleRequirements | undefined;
  /** Limits of the route, shared by its paths. */
  readonly routeLimits: Limits | undefined;
  /** Limits of this path alone. */
  readonly pathLimits: Limits | undefined;
  /** What both count, of all tenants together: route, then path. */
  readonly limitChecks: readonly Check[];
  /** The lower of the two; undefined: neither says any. */
  readonly bandwidth: number | undefined;
  readonly bodyBytes: number;
  /** Whether upgrades to WebSocket are taken (R-5). */
  readonly websocket: boolean;
  readonly timeout: RuleTimeout;
  /** Identity fields to set, lower-case name → where the value comes from. */
  readonly identityHeaders: readonly {
    readonly name: string;
    readonly value: ClaimPath;
  }[];
  /** How a claim that is a list is written; absent: as JSON. */
  readonly identityLists?: 'comma' | 'repeated';
  /** Undefined: the fields of the client, as they come through. */
  readonly requestFields: FieldRules | undefined;
  /** Undefined: the fields of the application, as they come through. */
  readonly responseFields: FieldRules | undefined;
  /** Fields of every response that has none of that name, names lower case; undefined: no such fields. */
  readonly preset: readonly string[] | undefined;
  /**
   * Providers that let the client's own Authorization go on with a request they accept, and nothing else
   * does: the route asks a provider that writes the field. Undefined: it always goes on.
   */
  readonly authorizationOf: readonly string[] | undefined;
  /** Forms of a path that applications read differently, and that this route takes all the same. */
  readonly pathForms: ReadonlySet<PathForm>;
  /** Fields removed by default that this route's application gets, lower case. */
  readonly forwardedNames: ReadonlySet<string>;
  /** Undefined: the application's own word, if any. */
  readonly cors: CorsPolicy | undefined;
  /** Where its values were written, in the order of the schema; a built-in default has none. */
  readonly origins: readonly Origin[];
  readonly position: SourcePosition;
}

/** The address of another place, made of the request. */
export interface RedirectAnswer {
  readonly kind: 'redirect';
  readonly status: number;
  readonly scheme: 'http' | 'https' | undefined;
  readonly host: string | undefined;
  /** Literals by turns with `{path}` and `{query}`. */
  readonly path: readonly string[];
}

/** An answer that is written in the policy. */
export interface FixedAnswer {
  readonly kind: 'respond';
  readonly status: number;
  /** Name and value by turns, names lower case. */
  readonly headers: readonly string[];
  /** Empty: none. */
  readonly body: Uint8Array;
}

export type PathRewrite =
  | { readonly kind: 'literal'; readonly path: string }
  | {
      readonly kind: 'prefix';
      /** Undefined: nothing is removed. */
      readonly strip: string | undefined;
      /** How many segments that is. */
      readonly segments: number;
      /** Empty: nothing is put in front. */
      readonly add: string;
    };

/** A field that is there, with one of these values; undefined: with any. */
export interface HeaderCondition {
  /** Lower case. */
  readonly name: string;
  readonly values: ReadonlySet<string> | undefined;
}

/** How long a request waits for its application. */
export interface RuleTimeout {
  /** At most what the service takes to open a connection (`ServicePolicy.timeout.connectMs`). */
  readonly connectMs: number;
  readonly responseMs: number;
  readonly idleMs: number;
  /** Of WebSocket, event streams and gRPC, in place of `idleMs`. */
  readonly streamIdleMs: number;
  /** Undefined: no limit to the whole exchange. */
  readonly totalMs: number | undefined;
}

/** Where a value of a rule was written. */
export interface Origin {
  /** `auth`, `timeout.total`, `headers.identity.x-org`. */
  readonly field: string;
  /** `gateway.defaults`, the service, a profile, the route, or the path. */
  readonly level: 'defaults' | 'service' | 'profile' | 'route' | 'path';
  /** The profile's name. */
  readonly profile: string | undefined;
  /** The value in one line; `null`: back to the default. */
  readonly text: string;
  readonly position: SourcePosition;
}

/** Other sites whose scripts may use a route. */
export interface CorsPolicy {
  /** As browsers send them, or `*`. */
  readonly origins: ReadonlySet<string>;
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeMs: number;
}

/** `%2F`; `;`; `//`. */
export type PathForm = 'encodedSlash' | 'parameters' | 'emptySegments';

/** `/a/b` exact; `/a/*` one more segment; `/a/**` the segment itself and all below. Linear to match (R-46). */
export interface PathPattern {
  readonly kind: 'exact' | 'one' | 'below';
  /** Literal part, no trailing slash for `one` and `below`: `/a`; empty for `/**`. */
  readonly literal: string;
  /** The literal with its escapes read: what decoded paths are compared with, so that both spellings are governed. */
  readonly decoded: string;
}
