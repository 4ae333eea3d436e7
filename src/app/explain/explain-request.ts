import type { Clock } from '../../core/clock.ts';
import type { RequestFacts } from '../../core/message.ts';
import type { Decision } from '../../evaluate/decision.ts';
import type { Step } from '../../evaluate/observer.ts';
import { rulesOfHost } from '../../evaluate/route/match.ts';
import type { ProviderSet } from '../../plugin/host/host.ts';
import { decisionParts } from '../../pipeline/pipeline.ts';
import { didYouMean } from '../../policy/issues/did-you-mean.ts';
import type { PolicySnapshot, Rule } from '../../policy/snapshot/snapshot.ts';
import { evaluateDescribed } from '../policy-tests/described-evaluation.ts';
import type { GoodSet } from '../policy-tests/run-cases.ts';
import { applicationView } from './application-view.ts';
import type { ExplainedRoute, Explanation } from './explanation.ts';
import { explainedProviders } from './explained-providers.ts';
import { responseView } from './field-views.ts';
import { explainedBandwidths, explainedLimit, tenantPlaces } from './limit-places.ts';
import { writtenValue } from './places.ts';
import { registrationsOf } from './registrations.ts';
import { unwrittenValues } from './unwritten.ts';

export interface ExplainParts {
  readonly set: GoodSet;
  /** Who is asked. */
  readonly providers: ProviderSet;
  /** Whose pages are named: started plugins, which need not reach anybody. */
  readonly mounted: ProviderSet;
  readonly clock: Clock;
  /** Whether to say what holds without being written. */
  readonly withDefaults: boolean;
}

/** Evaluates one request that nobody sent, as live traffic is, and says what decided it and where that stands. */
export async function explainRequest(
  request: RequestFacts,
  parts: ExplainParts,
): Promise<Explanation> {
  const { set, providers, mounted, clock, withDefaults } = parts;
  const { snapshot } = set;
  const { decision, steps } = await evaluateDescribed(request, { snapshot, providers, clock });
  const { rule, takes } = ruleOf(decision, steps);
  const names = rule === undefined || rule.auth.kind === 'public' ? [] : rule.auth.providers;
  return {
    request: requestOf(request),
    ...outcomeOf(decision),
    hint: hintFor(request.host, snapshot),
    ...explainedParts(decision, steps, set),
    route: rule && routeOf(rule, takes, decision, snapshot),
    application: decision.kind === 'allow' ? view(request, decision, snapshot) : undefined,
    ...responseOf(decision),
    register: registrationsOf(names, { snapshot, providers: mounted }),
    ...(withDefaults && rule !== undefined && { defaults: unwrittenValues(rule) }),
  };
}

function requestOf(request: RequestFacts): Explanation['request'] {
  const { method, host, target, version, clientAddress, connection } = request;
  return {
    method,
    host,
    path: target.split('?', 1)[0]!,
    version,
    client: clientAddress,
    ...(clientAddress !== connection.remoteAddress && { proxy: connection.remoteAddress }),
  };
}

/** The rule and the normalised path; of a page of the gateway's own there is none. */
function ruleOf(
  decision: Decision,
  steps: readonly Step[],
): { readonly rule: Rule | undefined; readonly takes: string } {
  const step = steps.find(({ kind }) => kind === 'route');
  if (step?.kind !== 'route' || decision.kind === 'own') return { rule: undefined, takes: '' };
  return { rule: step.match.rule, takes: step.match.path };
}

function outcomeOf(
  decision: Decision,
): Pick<Explanation, 'outcome' | 'status' | 'code' | 'reason' | 'sentence' | 'location'> {
  const answered = { outcome: 'answered' } as const;
  switch (decision.kind) {
    case 'allow':
      return { outcome: 'allowed', status: undefined };
    case 'refuse': {
      const { status, code, reason, sentence } = decision.refusal;
      return { outcome: 'refused', status, code, reason, sentence };
    }
    case 'redirect':
      return { ...answered, status: decision.status, location: decision.location };
    case 'respond':
      return { ...answered, status: decision.answer.status };
    case 'preflight':
      return { ...answered, status: 204 };
    case 'own':
    case 'gone':
      return { ...answered, status: undefined };
  }
}

function explainedParts(
  decision: Decision,
  steps: readonly Step[],
  { snapshot, placeOf }: GoodSet,
): Pick<Explanation, 'gate' | 'identity' | 'tenant' | 'providers' | 'limits'> {
  const { gate, identity, tenant } = decisionParts(decision, snapshot);
  const resolved = steps.find((step) => step.kind === 'tenant')?.tenant;
  const rule = steps.find((step) => step.kind === 'route')?.match.rule;
  const checks = steps.find((step) => step.kind === 'limits')?.checks ?? [];
  return {
    gate,
    identity,
    tenant: tenant && resolved && { ...tenant, ...tenantPlaces(resolved, placeOf) },
    providers: explainedProviders(steps, rule, snapshot),
    limits:
      rule === undefined || resolved === undefined
        ? []
        : [
            ...checks.map((check) => explainedLimit(check, { rule, tenant: resolved }, placeOf)),
            ...explainedBandwidths({ rule, tenant: resolved }, placeOf),
          ],
  };
}

function routeOf(
  rule: Rule,
  takes: string,
  decision: Decision,
  snapshot: PolicySnapshot,
): ExplainedRoute | undefined {
  const route = decisionParts(decision, snapshot).route;
  return route && { ...route, takes, rules: rule.origins.map(writtenValue) };
}

function view(
  request: RequestFacts,
  decision: Extract<Decision, { kind: 'allow' }>,
  snapshot: PolicySnapshot,
): Explanation['application'] {
  const publicPort = snapshot.gateway.publicPort ?? request.connection.localPort;
  return applicationView(request, decision, { snapshot, publicPort });
}

/** Absent where the policy does nothing to it. */
function responseOf(decision: Decision): Pick<Explanation, 'response'> {
  switch (decision.kind) {
    case 'allow':
    case 'redirect':
    case 'respond': {
      const response = responseView(decision);
      return response === undefined ? {} : { response };
    }
    case 'refuse':
    case 'own':
    case 'preflight':
    case 'gone':
      return {};
  }
}

/** Why no route takes a request for this host; undefined: one does. */
function hintFor(host: string, { routes }: PolicySnapshot): string | undefined {
  const rules = rulesOfHost(routes, host);
  if (rules === undefined) {
    const known = [...routes.exact.keys(), ...routes.wildcards.map((each) => each.host)];
    const near = didYouMean(host, known);
    return `no route has the host ${host}${near === undefined ? '' : `; ${near}`}`;
  }
  const { passthrough } = rules;
  if (passthrough === undefined) return undefined;
  return `connections for ${host} go on to service ${passthrough.service} untouched (route ${passthrough.route}): no request is read there`;
}
