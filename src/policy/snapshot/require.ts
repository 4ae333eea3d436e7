import type { ClaimPath } from './claim-path.ts';

export type AuthRequirement =
  | { readonly kind: 'public' }
  | { readonly kind: 'any'; readonly providers: readonly string[] }
  /** An identity if there is one, none else. */
  | { readonly kind: 'optional'; readonly providers: readonly string[] }
  | { readonly kind: 'all'; readonly providers: readonly string[] };

/** What an identity has to be (`require` of route and path together): all of it must hold. */
export interface RuleRequirements {
  /** Authentication context class (OIDC Core 2, `acr`). */
  readonly acr: string | undefined;
  /** Since the person was authenticated; whole seconds. */
  readonly maxAgeMs: number | undefined;
  readonly claims: readonly ClaimRequirement[];
  /** Expressions that must all be true; absent: none. */
  readonly when?: readonly WhenCondition[];
}

/** A compiled expression of CEL (`require.when`), bounded in steps. */
export interface WhenCondition {
  readonly text: string;
  /** False: the fields of the request need not be handed in. */
  readonly usesHeaders: boolean;
  readonly judge: (values: WhenValues) => WhenVerdict;
}

/** The variables of an expression. */
export interface WhenValues {
  /** Null: nobody. */
  readonly identity: unknown;
  /** Null: no tenant could be made of the identity. */
  readonly tenant: { readonly id: string; readonly tier: string | null } | null;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly host: string;
    readonly headers: ReadonlyMap<string, string>;
    readonly client: { readonly ip: string };
  };
}

export type WhenVerdict =
  | { readonly kind: 'holds' | 'fails' | 'too-large' }
  | { readonly kind: 'error'; readonly detail: string };

export interface ClaimRequirement {
  /** The claim as written, for messages. */
  readonly text: string;
  readonly path: ClaimPath;
  /** All must hold. */
  readonly conditions: readonly ClaimCondition[];
}

/** Of a claim that is a list, each element is a value. A literal is `any` of one. */
export type ClaimCondition =
  | { readonly kind: 'any' | 'all'; readonly values: readonly ClaimValue[] }
  /** Words of a text that spaces separate (RFC 6749 3.3). */
  | { readonly kind: 'has'; readonly words: readonly string[] }
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'suffix'; readonly suffix: string }
  | { readonly kind: 'pattern'; readonly pattern: Pattern }
  /** One value is within both. */
  | {
      readonly kind: 'range';
      readonly min: number | bigint | undefined;
      readonly max: number | bigint | undefined;
    }
  /** Holds when these do not all hold. */
  | { readonly kind: 'not'; readonly conditions: readonly ClaimCondition[] };

/** A compiled pattern; its time is linear in the text. */
export interface Pattern {
  readonly text: string;
  /** True: the whole of the value has this form. */
  readonly matches: (value: string) => boolean;
}

export type ClaimValue = string | number | bigint | boolean;
