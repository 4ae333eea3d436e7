import { fieldsThatAre } from '../../core/fields/fields.ts';
import type { HeaderList } from '../../core/header-list.ts';
import type { AuthenticatedIdentity } from '../../core/identity.ts';
import { refuse } from '../../core/refusal.ts';
import type { Refusal, RefusalReason } from '../../core/refusal.ts';
import type { WhenCondition, WhenValues, WhenVerdict } from '../../policy/snapshot/snapshot.ts';
import { namedReason } from '../../telemetry/names/names.ts';
import type { RequestFacts } from '../../core/message.ts';
import type { Tenant } from '../tenant/resolve-tenant.ts';

/** What the expressions of a rule are judged by. */
export interface WhenFacts {
  readonly request: RequestFacts;
  /** The path as it was routed. */
  readonly path: string;
  readonly identity: AuthenticatedIdentity | undefined;
  readonly tenant: Tenant | undefined;
}

/** Whom to believe is not the client's to say, and credentials are for providers alone. */
const HIDDEN = fieldsThatAre('vouched', 'credential', 'hop');

/** The first expression that does not hold. Undefined: all hold. */
export function unmetWhen(when: readonly WhenCondition[], facts: WhenFacts): Refusal | undefined {
  for (const condition of when) {
    const verdict = condition.judge(valuesOf(condition, facts));
    if (verdict.kind === 'holds') continue;
    return refuse('forbidden', { reason: reasonOf(condition, verdict) });
  }
  return undefined;
}

function reasonOf({ text }: WhenCondition, verdict: WhenVerdict): RefusalReason {
  if (verdict.kind === 'error') return namedReason('policy.when_error', verdict.detail);
  if (verdict.kind === 'too-large') return namedReason('policy.when_too_large');
  return namedReason('policy.when', `the policy wants ${text.trim()}`);
}

function valuesOf(
  { usesHeaders }: WhenCondition,
  { request, path, identity, tenant }: WhenFacts,
): WhenValues {
  const { method, host, clientAddress } = request;
  return {
    identity: identity === undefined ? null : identityValue(identity),
    tenant: tenant === undefined ? null : { id: tenant.id, tier: tenant.tier ?? null },
    request: {
      method,
      path,
      host,
      headers: usesHeaders ? fieldsOf(request.headers) : NO_FIELDS,
      client: { ip: clientAddress },
    },
  };
}

const NO_FIELDS: ReadonlyMap<string, string> = new Map();

function identityValue(identity: AuthenticatedIdentity) {
  const { subject, issuer, method, provider, claims } = identity;
  return { subject, issuer, method, provider, claims, with: identity.with ?? {} };
}

/** By name in lower case; lines of one name joined (RFC 9110 5.3). A Map: names are the client's. */
function fieldsOf(headers: HeaderList): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase();
    if (HIDDEN.has(name)) continue;
    const before = fields.get(name);
    fields.set(name, before === undefined ? headers[i + 1]! : `${before}, ${headers[i + 1]!}`);
  }
  return fields;
}
