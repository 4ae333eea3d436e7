import type { InboundRequest } from '../core/message.ts';
import { isRefusal } from '../core/refusal.ts';
import { tenantChecks } from '../evaluate/limit/limit.ts';
import type { Limiter } from '../evaluate/limit/limit.ts';
import type { Session } from '../plugin/contract.ts';
import type { PolicySnapshot } from '../policy/snapshot/snapshot.ts';
import type { SessionReport } from './session-report.ts';
import { resolveTenant } from '../evaluate/tenant/resolve-tenant.ts';

export interface ReportInput {
  readonly provider: string;
  readonly session: Session;
  readonly policy: PolicySnapshot;
  readonly request: InboundRequest;
  readonly limiter: Limiter;
  /** Path of the provider's own logout, or of ours. */
  readonly logout: string;
}

/** The report of a session, from the functions that serve its requests. Counts nothing. */
export async function sessionReport(input: ReportInput): Promise<SessionReport> {
  const { provider, session, policy, request, limiter, logout } = input;
  const { identity } = session;
  const found = resolveTenant(policy, identity, request.clientAddress);
  const tenant = isRefusal(found) ? undefined : found;
  const checks = tenant === undefined ? [] : tenantChecks(tenant);
  const rates = await limiter.left(checks.filter((check) => check.kind === 'rate'));
  return {
    provider,
    subject: identity.subject,
    issuer: identity.issuer,
    tenant: tenant?.kind === 'claim' ? tenant.id : undefined,
    tier: tenant?.tier,
    authenticatedAt: loginTime(identity.authenticatedAt),
    endsAt: new Date(identity.expiresAt!).toISOString(),
    idleSeconds: Math.floor(policy.gateway.sessions.idleMs / 1000),
    limits: rates.map(({ check: { name, shape }, remaining }) => ({
      name,
      rate: shape.rate.text,
      burst: shape.capacity,
      left: remaining,
    })),
    logout,
  };
}

/** 0: the provider did not say. */
function loginTime(authenticatedAt: number): string | undefined {
  return authenticatedAt === 0 ? undefined : new Date(authenticatedAt).toISOString();
}
