export type { ClaimPath } from '../../core/claims.ts';
