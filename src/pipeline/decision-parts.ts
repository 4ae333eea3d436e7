import type { ProviderAnswer, RefusalReason } from '../core/refusal.ts';
import type { Decision } from '../evaluate/decision.ts';
import type { PolicySnapshot, Rule, SourcePosition } from '../policy/snapshot/snapshot.ts';
import { cutText } from '../record/record.ts';
import type { DecidedProvider, DecisionRecord } from '../record/record.ts';

export type DecisionParts = Pick<
  DecisionRecord,
  'route' | 'identity' | 'providers' | 'tenant' | 'limits' | 'gate'
>;

const NOTHING = { providers: [], limits: [] } as const;

/** What the decision says of everything but its outcome. */
export function decisionParts(
  decision: Decision | undefined,
  policy: PolicySnapshot,
): DecisionParts {
  if (decision === undefined || decision.kind === 'gone') return { ...NOTHING, gate: 'evaluate' };
  if (decision.kind === 'own') return { ...NOTHING, gate: 'own-page' };
  if (decision.kind === 'preflight') {
    return { ...NOTHING, gate: 'cors', route: routeOf(decision.match.rule) };
  }
  const { match, identity, tenant } = decision;
  return {
    gate: gateOf(decision),
    route: match && routeOf(match.rule),
    identity: identity && {
      provider: identity.provider,
      subject: cutText(identity.subject),
      issuer: cutText(identity.issuer),
    },
    providers:
      match && identity ? placedAnswers(askedOf(match.rule, identity.provider), policy) : [],
    tenant: tenant && {
      id: cutText(tenant.id),
      kind: tenant.kind,
      tier: tenant.tier,
      limits: tenant.limits && tenant.limitsName,
    },
    limits: decision.kind === 'refuse' ? (decision.refusal.limits ?? []) : decision.permit.limits,
  };
}

function gateOf(
  decision: Extract<Decision, { readonly kind: 'allow' | 'redirect' | 'respond' | 'refuse' }>,
) {
  if (decision.kind === 'refuse') return decision.gate;
  return decision.kind === 'allow' ? 'forward' : decision.kind;
}

/** Who was asked until an identity was found: any-of asks in order and the first that knows decides. */
function askedOf({ auth }: Rule, by: string): readonly ProviderAnswer[] {
  if (auth.kind === 'public') return [];
  const { providers } = auth;
  if (auth.kind === 'all') return providers.map((provider) => ({ provider, said: 'identity' }));
  return providers
    .slice(0, providers.indexOf(by) + 1)
    .map((provider) => ({ provider, said: provider === by ? 'identity' : 'pass' }));
}

/** Each answer with the place of its provider. */
export function placedAnswers(
  answers: readonly ProviderAnswer[],
  { providers }: PolicySnapshot,
): readonly DecidedProvider[] {
  return answers.map(({ provider, said, reason }) => {
    const position = providers.get(provider)?.position;
    const why = reason && reasonOf(reason);
    return { provider, said, ...(why && { reason: why }), at: position && placeOf(position) };
  });
}

function routeOf({ route, path, service, position, origins }: Rule): DecisionRecord['route'] {
  return {
    name: route,
    path,
    service: service ?? 'none',
    at: placeOf(position),
    rules: origins.map((origin) => ({
      field: origin.field,
      text: cutText(origin.text),
      at: placeOf(origin.position),
    })),
  };
}

function placeOf({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}

/** The detail may be a client's or a plugin's text. */
export function reasonOf(reason: RefusalReason | undefined): RefusalReason | undefined {
  if (reason?.detail === undefined) return reason && { code: reason.code };
  return { code: reason.code, detail: cutText(reason.detail) };
}
