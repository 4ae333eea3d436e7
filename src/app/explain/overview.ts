import { describeCondition } from '../../evaluate/auth/claim-condition.ts';
import { targetWords } from '../../evaluate/route/words.ts';
import type {
  AddressRule,
  AuthRequirement,
  HostRules,
  PassthroughRoute,
  PolicySnapshot,
  RuleRequirements,
  ServicePolicy,
} from '../../policy/snapshot/snapshot.ts';
import { describeWay, routingKeysOf } from '../../upstream/transport/transport.ts';
import { placeText } from './places.ts';

/** A whole set: `fairlead explain --format json` (docs/explain.md). */
export interface Overview {
  /** In the order in which requests are matched. */
  readonly routes: readonly OverviewRoute[];
  readonly services: readonly OverviewService[];
  readonly routingKeys: readonly string[];
}

/** One host and path, in words; a passthrough host has no path and asks nobody. */
export interface OverviewRoute {
  readonly route: string;
  readonly host: string;
  readonly path?: string;
  readonly methods?: readonly string[];
  /** `x-canary: 1`. */
  readonly fields?: readonly string[];
  /** `to web`. */
  readonly target: string;
  readonly passthrough: boolean;
  readonly connections?: number | undefined;
  /** `public`, `api or corp`. */
  readonly auth?: string;
  readonly require?: string;
  readonly from?: string;
  readonly at: string;
}

export interface OverviewService {
  readonly name: string;
  readonly way: string;
  readonly outlier: ServicePolicy['outlier'];
  /** Null: a request is never sent again. */
  readonly retry: NonNullable<ServicePolicy['retry']> | null;
}

export function overviewOf(snapshot: PolicySnapshot): Overview {
  const { routes } = snapshot;
  const services = [...snapshot.services.values()];
  return {
    routes: [...routes.exact.values(), ...routes.wildcards].flatMap(routesOf),
    services: services.map((service) => ({
      name: service.name,
      way: describeWay(service),
      outlier: service.outlier,
      retry: service.retry ?? null,
    })),
    routingKeys: [...new Set(services.flatMap(routingKeysOf))].sort(),
  };
}

function routesOf({ host, rules, passthrough }: HostRules): readonly OverviewRoute[] {
  if (passthrough !== undefined) return [passthroughOf(host, passthrough)];
  return rules.map((rule) => {
    const { methods, matchHeaders, requires, from } = rule;
    return {
      route: rule.route,
      host,
      path: rule.path,
      ...(methods !== undefined && { methods: [...methods] }),
      ...(matchHeaders !== undefined && {
        fields: matchHeaders.map(({ name, values }) =>
          values === undefined ? name : `${name}: ${[...values].join(' or ')}`,
        ),
      }),
      target: targetWords(rule),
      passthrough: false,
      auth: authText(rule.auth),
      ...(requires !== undefined && { require: requireText(requires) }),
      ...(from !== undefined && { from: fromText(from) }),
      at: placeText(rule.position),
    };
  });
}

/** No path and nobody asked: the client's TLS goes to the application. */
function passthroughOf(host: string, passthrough: PassthroughRoute): OverviewRoute {
  const { route, service, connections, from, position } = passthrough;
  return {
    route,
    host,
    target: `to ${service}`,
    passthrough: true,
    ...(connections !== undefined && { connections }),
    ...(from !== undefined && { from: fromText(from) }),
    at: placeText(position),
  };
}

/** `10.0.0.0/8, not 10.9.0.0/16`; what each level says stands by itself. */
function fromText(from: readonly AddressRule[]): string {
  const texts = from.map(({ allow, deny }) => {
    const not = deny === undefined ? '' : `not ${deny.texts.join(', ')}`;
    return [allow?.texts.join(', '), not].filter(Boolean).join(', ');
  });
  return texts.join('; ');
}

function authText(auth: AuthRequirement): string {
  if (auth.kind === 'public') return 'public';
  const names = auth.providers.join(auth.kind === 'all' ? ' and ' : ' or ');
  return auth.kind === 'optional' ? `${names} (optional)` : names;
}

function requireText({ acr, maxAgeMs, claims, when = [] }: RuleRequirements): string {
  const parts = [
    ...(acr === undefined ? [] : [`acr ${JSON.stringify(acr)}`]),
    ...(maxAgeMs === undefined ? [] : [`maxAge ${maxAgeMs / 1000}s`]),
    ...claims.map(
      ({ text, conditions }) => `${text} ${conditions.map(describeCondition).join(' and ')}`,
    ),
    ...when.map(({ text }) => `when ${text.trim().replaceAll(/\s+/g, ' ')}`),
  ];
  return parts.join('; ');
}
