import { foldFieldName } from '../../core/fields/fold-field-name.ts';
import type { EffectiveRule } from '../rules/effective-rule.ts';
import { parseHost } from '../rules/hosts.ts';
import { comparePatterns } from '../rules/path-pattern.ts';
import type {
  HostRules,
  PassthroughRoute,
  RouteTable,
  Rule,
  WildcardHost,
} from '../snapshot/snapshot.ts';
import { trustedNames } from './compile-field-rules.ts';
import { checkedValue } from './checked-value.ts';
import { addressRules } from './compile-address-rules.ts';
import { compileRule } from './compile-rule.ts';
import type { CheckedRules } from './compile-rule.ts';

/** What the plugin of a provider does with the Authorization field, by the provider's name. */
type AuthorizationUse = ReadonlyMap<string, 'reads' | 'writes' | undefined>;

/** A checked document, and what holds in it. */
export interface CheckedRoutes extends CheckedRules {
  /** By route. */
  readonly rules: ReadonlyMap<string, readonly EffectiveRule[]>;
  readonly authorization: AuthorizationUse;
}

/** Makes the table that requests are looked up in. */
export function compileRoutes(set: CheckedRoutes): RouteTable {
  const byHost = new Map<string, Rule[]>();
  const passthroughs = new Map<string, PassthroughRoute>();
  for (const [name, route] of Object.entries(set.document.routes ?? {})) {
    const effective = set.rules.get(name);
    const passthrough = effective === undefined ? passthroughOf(name, set) : undefined;
    const rules = effective === undefined ? [] : rulesOf(effective, set);
    for (const host of [route.host].flat()) {
      const { host: normal } = checkedValue(parseHost(host));
      const own = byHost.get(normal);
      if (own === undefined) byHost.set(normal, [...rules]);
      else own.push(...rules);
      // `checkRoutes` lets no other route have the host.
      if (passthrough !== undefined) passthroughs.set(normal, passthrough);
    }
  }
  const exact = new Map<string, HostRules>();
  const wildcards: WildcardHost[] = [];
  for (const [host, rules] of byHost) {
    const pattern = checkedValue(parseHost(host));
    rules.sort(compareRules);
    const own = { host, rules, passthrough: passthroughs.get(host) };
    if (pattern.kind === 'exact') exact.set(host, own);
    else wildcards.push({ ...own, suffix: pattern.suffix, labels: pattern.labels });
  }
  wildcards.sort(compareWildcards);
  return { exact, wildcards, guardedNames: guardedNamesOf([...byHost.values()].flat()) };
}

/** By path, and within one path the rule that wants more first: of those that want as much, none overlap (E303). */
function compareRules(a: Rule, b: Rule): number {
  return comparePatterns(a.pattern, b.pattern) || wantedBy(b) - wantedBy(a);
}

function wantedBy({ methods, matchHeaders = [] }: Rule): number {
  return (methods === undefined ? 0 : 1) + matchHeaders.length;
}

/** Longest suffix first; `*.` is narrower than `**.` and goes before it. */
function compareWildcards(a: WildcardHost, b: WildcardHost): number {
  const order = b.suffix.length - a.suffix.length;
  if (order !== 0) return order;
  if (a.suffix !== b.suffix) return a.suffix < b.suffix ? -1 : 1;
  return a.labels === b.labels ? 0 : a.labels === 'one' ? -1 : 1;
}

function guardedNamesOf(rules: readonly Rule[]): ReadonlySet<string> {
  const names = rules.flatMap(({ identityHeaders, requestFields }) => [
    ...identityHeaders.map(({ name }) => name),
    ...trustedNames(requestFields),
  ]);
  return new Set(names.map(foldFieldName));
}

function passthroughOf(name: string, { document, positionOf }: CheckedRoutes): PassthroughRoute {
  const { service, limits, from } = document.routes![name]!;
  const own = from && addressRules([[['routes', name, 'from'], from]]);
  const position = positionOf(['routes', name]);
  // `checkTargets` reports its absence first.
  const { connections, bandwidth } = limits ?? {};
  return { route: name, service: service!, from: own, connections, bandwidth, position };
}

function rulesOf(effective: readonly EffectiveRule[], set: CheckedRoutes): Rule[] {
  const rules = effective.map((rule) => compileRule(rule, set));
  const authorizationOf = authorizationOfRoute(rules, set.authorization);
  return rules.map((rule) => ({ ...rule, authorizationOf }));
}

/** Of the route as a whole: its paths are one application, which believes the field on a public path as well. */
function authorizationOfRoute(
  rules: readonly Pick<Rule, 'auth'>[],
  authorization: AuthorizationUse,
): readonly string[] | undefined {
  const asked = rules.flatMap(({ auth }) => (auth.kind === 'public' ? [] : auth.providers));
  if (!asked.some((name) => authorization.get(name) === 'writes')) return undefined;
  return [...new Set(asked)].filter((name) => authorization.get(name) === 'reads');
}
