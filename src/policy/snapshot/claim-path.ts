/** `identity.claims.a.b`, `identity.claims["https://x/y"]`, `identity.with.api.a`, `identity.subject`, `tenant.id` … */
export type ClaimPath =
  | { readonly kind: 'claim'; readonly keys: readonly string[] }
  | { readonly kind: 'with'; readonly provider: string; readonly keys: readonly string[] }
  | { readonly kind: 'subject' | 'issuer' | 'method' | 'tenant' };
