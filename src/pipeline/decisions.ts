import type { Clock } from '../core/clock.ts';
import type { RefusedAttempt } from '../core/message.ts';
import type { ProviderAnswer, Refusal, RefusalReason } from '../core/refusal.ts';
import type { Decision } from '../evaluate/decision.ts';
import type { PolicySnapshot, Rule, SourcePosition } from '../policy/snapshot/snapshot.ts';
import { cutText } from '../record/record.ts';
import type {
  ConnectionRecord,
  DecidedProvider,
  DecisionRecord,
  DecisionRing,
} from '../record/record.ts';
import type { Exchange } from './exchange.ts';

type Parts = Pick<
  DecisionRecord,
  'route' | 'identity' | 'providers' | 'tenant' | 'limits' | 'gate'
>;

/**
 * Keeps what was decided under the id that the client is told. Every refusal, before its answer goes out;
 * of the rest a sample. A record is made of what the decision has already: nothing watches a request for it.
 */
export class Decisions {
  readonly #clock: Clock;
  readonly #ring: DecisionRing;

  constructor(clock: Clock, ring: DecisionRing) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** The gates let it through, or answered it themselves. */
  decided(exchange: Exchange, decision: Decision): void {
    if (decision.kind === 'refuse' || decision.kind === 'gone') return;
    if (!this.#ring.isSampled(exchange.startedMs)) return;
    const outcome = decision.kind === 'allow' ? 'allowed' : 'answered';
    this.#ring.keep({
      ...this.#headOf(exchange),
      outcome,
      status: undefined,
      ...partsOf(exchange),
    });
  }

  /** It is answered with this refusal, or its response is cut with it. */
  refused(exchange: Exchange, { code, status, reason, answers, limits }: Refusal): void {
    const parts = partsOf(exchange);
    this.#ring.keep({
      ...this.#headOf(exchange),
      outcome: 'refused',
      status,
      code,
      reason: reasonOf(reason ?? faultOf(exchange)),
      ...parts,
      ...(answers !== undefined && { providers: placed(answers, exchange.policy) }),
      ...(limits !== undefined && { limits }),
    });
  }

  /** A page of ours said no in its own words, such as a login that did not work. */
  pageRefused(exchange: Exchange, status: number, reason: RefusalReason): void {
    const head = this.#headOf(exchange);
    const [code, why] = [reason.code, reasonOf(reason)];
    this.#ring.keep({
      ...head,
      outcome: 'refused',
      status,
      code,
      reason: why,
      ...partsOf(exchange),
    });
  }

  /** A message that never became a request. */
  attempt(id: string, attempt: RefusedAttempt, { code, status, reason }: Refusal): void {
    this.#ring.keep({
      id,
      time: new Date(this.#clock.now()).toISOString(),
      request: requestOf(attempt, attempt.target),
      outcome: 'refused',
      status,
      code,
      reason: reasonOf(reason),
      ...NOTHING,
      gate: 'listener',
    });
  }

  /** A connection that was to go on untouched. Its client is told no id; the access line has it. */
  connection({ id, connection, serverName, refusal, startedAtMs }: ConnectionRecord): void {
    if (refusal === undefined) return;
    const client = connection.remoteAddress;
    this.#ring.keep({
      id,
      time: new Date(startedAtMs).toISOString(),
      request: { method: undefined, host: serverName, path: undefined, version: undefined, client },
      outcome: 'refused',
      status: undefined,
      code: refusal.code,
      reason: reasonOf(refusal.reason),
      ...NOTHING,
      limits: refusal.limits ?? [],
      gate: 'passthrough',
    });
  }

  #headOf({ id, request, normalPath }: Exchange): Pick<DecisionRecord, 'id' | 'time' | 'request'> {
    const time = new Date(this.#clock.now()).toISOString();
    return { id, time, request: requestOf(request, normalPath ?? request.target) };
  }
}

const NOTHING = { providers: [], limits: [] } as const;

function requestOf(
  { method, host, version, clientAddress }: Omit<RefusedAttempt, 'receivedAtMs' | 'target'>,
  target: string | undefined,
): DecisionRecord['request'] {
  return {
    method: cutOrNone(method),
    host: cutOrNone(host),
    path: cutOrNone(target?.split(/[?#]/, 1)[0]),
    version,
    client: clientAddress,
  };
}

/** What the decision says of everything but its outcome. */
function partsOf({ decision, policy }: Exchange): Parts {
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
    providers: match && identity ? placed(askedOf(match.rule, identity.provider), policy) : [],
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

function placed(
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

function faultOf({ notes }: Exchange): RefusalReason | undefined {
  const { fault, faultDetail } = notes.all;
  if (fault === undefined || faultDetail === undefined) return undefined;
  return { code: fault, detail: faultDetail };
}

function reasonOf(reason: RefusalReason | undefined): RefusalReason | undefined {
  if (reason?.detail === undefined) return reason && { code: reason.code };
  return { code: reason.code, detail: cutText(reason.detail) };
}

function cutOrNone(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cutText(text);
}
