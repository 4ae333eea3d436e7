import type { Found } from '../evaluate/decision.ts';
import type { Exchange } from './exchange.ts';

/** What the gates found out about the asker, for the record. */
export function noteFound(
  { notes }: Exchange,
  { identity, tenant }: Pick<Found, 'identity' | 'tenant'>,
): void {
  if (identity !== undefined) {
    notes.subject = identity.subject;
    notes.issuer = identity.issuer;
    notes.provider = identity.provider;
  }
  if (tenant === undefined) return;
  notes.tenant = tenant.id;
  notes.tier = tenant.tier;
}
