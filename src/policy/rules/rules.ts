import { foldFieldName } from '../../core/fields/fold-field-name.ts';
import { parseHost } from './hosts.ts';
import { inherited } from './effective-auth.ts';
import { limitsOf } from '../compile/compile-limits.ts';
import { requirementsOf } from '../compile/compile-require.ts';
import { WHOLE_HOST, comparePatterns, parsePathPattern } from './path-pattern.ts';
import { DEFAULTS } from '../schema/schema.ts';
import type { AuthInput, CorsInput, PathRuleInput, RouteInput } from '../schema/schema.ts';
import type {
  AuthRequirement,
  ClaimPath,
  CorsPolicy,
  HostRules,
  PassthroughRoute,
  PathForm,
  RouteTable,
  Rule,
  SourcePosition,
  WildcardHost,
} from '../snapshot/snapshot.ts';

/** What a route gets that says nothing else: `gateway.defaults`. */
export interface RuleDefaults {
  readonly auth: AuthInput | undefined;
  readonly bodyBytes: number;
  readonly totalMs: number | undefined;
}

/** One route of a checked document, and where its parts are written. */
export interface CompiledRoute {
  readonly name: string;
  readonly input: RouteInput;
  /** Of a path, or of the route when the path is implied. */
  positionOf(path: string): SourcePosition;
}

/** What the plugin of a provider does with the Authorization field, by the provider's name. */
export type AuthorizationUse = ReadonlyMap<string, 'reads' | 'writes' | undefined>;

/** Makes the table that requests are looked up in. The routes must have passed `checkRoutes`. */
export function compileRoutes(
  routes: readonly CompiledRoute[],
  defaults: RuleDefaults,
  authorization: AuthorizationUse,
): RouteTable {
  const byHost = new Map<string, Rule[]>();
  const passthroughs = new Map<string, PassthroughRoute>();
  for (const route of routes) {
    const passthrough = passthroughOf(route);
    const rules = passthrough === undefined ? rulesOf(route, defaults, authorization) : [];
    for (const host of [route.input.host].flat()) {
      const { host: normal } = okValue(parseHost(host));
      byHost.set(normal, [...(byHost.get(normal) ?? []), ...rules]);
      // `checkRoutes` lets no other route have the host.
      if (passthrough !== undefined) passthroughs.set(normal, passthrough);
    }
  }
  const exact = new Map<string, HostRules>();
  const wildcards: WildcardHost[] = [];
  for (const [host, rules] of byHost) {
    const pattern = okValue(parseHost(host));
    rules.sort((a, b) => comparePatterns(a.pattern, b.pattern));
    const own = { host, rules, passthrough: passthroughs.get(host) };
    if (pattern.kind === 'exact') exact.set(host, own);
    else wildcards.push({ ...own, suffix: pattern.suffix, labels: pattern.labels });
  }
  wildcards.sort(compareWildcards);
  return { exact, wildcards, guardedNames: guardedNamesOf([...byHost.values()].flat()) };
}

/** Longest suffix first; `*.` is narrower than `**.` and goes before it. */
function compareWildcards(a: WildcardHost, b: WildcardHost): number {
  const order = b.suffix.length - a.suffix.length;
  if (order !== 0) return order;
  if (a.suffix !== b.suffix) return a.suffix < b.suffix ? -1 : 1;
  return a.labels === b.labels ? 0 : a.labels === 'one' ? -1 : 1;
}

function guardedNamesOf(rules: readonly Rule[]): ReadonlySet<string> {
  const names = rules.flatMap((rule) => rule.identityHeaders.map(({ name }) => name));
  return new Set(names.map(foldFieldName));
}

function passthroughOf(route: CompiledRoute): PassthroughRoute | undefined {
  const { name, input } = route;
  if (input.passthrough !== true) return undefined;
  const connections = input.limits?.connections;
  const position = route.positionOf(WHOLE_HOST);
  return { route: name, service: input.service, connections, position };
}

/** One rule for each path, and one for the route itself unless a path says `/**`. */
function rulesOf(
  route: CompiledRoute,
  defaults: RuleDefaults,
  authorization: AuthorizationUse,
): Rule[] {
  const paths = Object.entries(route.input.paths ?? {});
  if (!paths.some(([path]) => path === WHOLE_HOST)) paths.push([WHOLE_HOST, {}]);
  const rules = paths.map(([path, input]) => ruleOf(route, path, input, defaults));
  const authorizationOf = authorizationOfRoute(rules, authorization);
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

function ruleOf(
  route: CompiledRoute,
  path: string,
  own: PathRuleInput,
  defaults: RuleDefaults,
): Omit<Rule, 'authorizationOf'> {
  const { name, input } = route;
  const auth = inherited(own.auth, input.auth, defaults.auth);
  // `checkRoutes` reports E210 first; no rule must ever come to be without an answer to "who".
  if (auth === undefined) throw new Error(`route ${name}, path ${path}, has no auth`);
  return {
    route: name,
    path,
    pattern: okValue(parsePathPattern(path)),
    service: input.service,
    auth: authOf(auth),
    // `auth: public` asks nobody, so there is nobody to require something of.
    requires: auth === 'public' ? undefined : requirementsOf(input.require, own.require),
    routeLimits: limitsOf(input.limits),
    pathLimits: limitsOf(own.limits),
    bodyBytes: inherited(own.body, input.body, defaults.bodyBytes),
    websocket: inherited(own.websocket, input.websocket, DEFAULTS.websocket),
    totalMs: inherited(timeoutOf(own), timeoutOf(input), defaults.totalMs),
    identityHeaders: identityHeadersOf(input, own),
    pathForms: pathFormsOf(input.path),
    forwardedNames: new Set((input.forwardHeaders ?? []).map((name) => name.toLowerCase())),
    cors: corsOf(input.cors),
    position: route.positionOf(path),
  };
}

function pathFormsOf(input: RouteInput['path']): ReadonlySet<PathForm> {
  const forms = Object.entries(input ?? {}).filter(([, said]) => said === 'keep');
  return new Set(forms.map(([form]) => form as PathForm));
}

/** Fetch 4.8: methods that need no leave. */
const CORS_METHODS = ['GET', 'HEAD', 'POST'];

function corsOf(input: CorsInput | null | undefined): CorsPolicy | undefined {
  if (input === undefined || input === null) return undefined;
  return {
    origins: new Set(input.origins),
    methods: [...new Set([...CORS_METHODS, ...(input.methods ?? [])])],
    headers: input.headers ?? [],
    credentials: input.credentials ?? DEFAULTS.corsCredentials,
    maxAgeMs: input.maxAge ?? DEFAULTS.corsMaxAgeMs,
  };
}

function timeoutOf(rule: PathRuleInput): number | null | undefined {
  return rule.timeout === null ? null : rule.timeout?.total;
}

function authOf(auth: AuthInput): AuthRequirement {
  if (auth === 'public') return { kind: 'public' };
  if (typeof auth === 'string') return { kind: 'any', providers: [auth] };
  if (Array.isArray(auth)) return { kind: 'any', providers: auth };
  return { kind: 'all', providers: auth.all };
}

/** Maps merge by key. Names are compared in lower case, as fields are (RFC 9110 5.1). */
function identityHeadersOf(route: RouteInput, own: PathRuleInput): Rule['identityHeaders'] {
  const merged = new Map<string, ClaimPath>();
  const isReset = own.headers === null || own.headers?.identity === null;
  for (const rule of isReset ? [own] : [route, own]) {
    for (const [name, value] of Object.entries(rule.headers?.identity ?? {})) {
      if (value === null) merged.delete(name.toLowerCase());
      else merged.set(name.toLowerCase(), value);
    }
  }
  return [...merged].map(([name, value]) => ({ name, value }));
}

function okValue<T>(parsed: { kind: 'ok'; value: T } | { kind: 'wrong'; reason: string }): T {
  if (parsed.kind === 'wrong')
    throw new Error(`unchecked text reached the compiler: ${parsed.reason}`);
  return parsed.value;
}
