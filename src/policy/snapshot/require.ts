import type { ClaimPath } from './claim-path.ts';

export type AuthRequirement =
  | { readonly kind: 'public' }
  | { readonly kind: 'any'; readonly providers: readonly string[] }
  | { readonly kind: 'all'; readonly providers: readonly string[] };

/** What an identity has to be (`require` of route and path together): all of it must hold. */
export interface RuleRequirements {
  /** Authentication context class (OIDC Core 2, `acr`). */
  readonly acr: string | undefined;
  /** Since the person was authenticated; whole seconds. */
  readonly maxAgeMs: number | undefined;
  readonly claims: readonly ClaimRequirement[];
}

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
  | { readonly kind: 'prefix'; readonly prefix: string }
  /** Holds when these do not all hold. */
  | { readonly kind: 'not'; readonly conditions: readonly ClaimCondition[] };

export type ClaimValue = string | number | bigint | boolean;
