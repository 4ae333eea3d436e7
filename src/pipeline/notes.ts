import type { AuthenticatedIdentity } from '../auth/authenticate.ts';
import type { RouteMatch } from '../route/match.ts';
import type { Tenant } from '../tenant/resolve-tenant.ts';
import type { Exchange } from './exchange.ts';

/** What the stages found out, for the record. */
export function noteRoute(exchange: Exchange, match: Pick<RouteMatch, 'path' | 'rule'>): void {
  exchange.normalPath = match.path;
  exchange.notes.route = match.rule.route;
  exchange.notes.path = match.rule.path;
}

export function noteIdentity(
  exchange: Exchange,
  identity: AuthenticatedIdentity | undefined,
): void {
  if (identity === undefined) return;
  exchange.notes.subject = identity.subject;
  exchange.notes.issuer = identity.issuer;
  exchange.notes.provider = identity.provider;
}

export function noteTenant(exchange: Exchange, tenant: Tenant): void {
  exchange.notes.tenant = tenant.id;
  exchange.notes.tier = tenant.tier;
}
