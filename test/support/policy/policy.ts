import { AddressList, parseAddressBlock } from '../../../src/core/address-list.ts';
import type { RoutingKey } from '../../../src/core/ids.ts';
import { ruleChecks, tenantLimits } from '../../../src/policy/compile/compile-limits.ts';
import type {
  AddressRule,
  HostRules,
  Limits,
  PathPattern,
  PolicySnapshot,
  Rate,
  RouteTable,
  Rule,
  ServicePolicy,
  TenantLimits,
} from '../../../src/policy/snapshot/snapshot.ts';

/** Parts of a compiled policy, for tests of stages that take one. */

/** `10/s`, `1000/m`: as the policy would compile it. */
export function rate(text: string): Rate {
  const [amount, unit] = text.split('/') as [string, 's' | 'm' | 'h' | 'd'];
  const windowMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit];
  return { amount: Number(amount), windowMs, text };
}

/** What a policy may say of limits. */
export interface WrittenLimits {
  readonly rates?: readonly Rate[];
  readonly burst?: number | undefined;
  readonly concurrent?: number | undefined;
  readonly mode?: Limits['mode'];
}

/** Of `tiers.free`, where they are a tenant's. */
export function limits({ rates = [], burst, concurrent, mode }: WrittenLimits = {}): TenantLimits {
  return tenantLimits('tiers.free', { rate: [...rates], burst, concurrent, mode });
}

/** `/a`, `/a/*`, `/a/**` as a pattern. */
export function pattern(text: string): PathPattern {
  const kind = text.endsWith('/**') ? 'below' : text.endsWith('/*') ? 'one' : 'exact';
  const literal = kind === 'exact' ? text : text.slice(0, text.lastIndexOf('/'));
  return { kind, literal, decoded: decodeURIComponent(literal) };
}

/** A rule with one list of one block. */
export function addresses(name: string, kind: 'allow' | 'deny', block: string): AddressRule {
  const list = new AddressList([parseAddressBlock(block)!]);
  return { name, allow: undefined, deny: undefined, [kind]: list };
}

export function rule(overrides: Partial<Rule> = {}): Rule {
  const { route = 'web', path = '/**', routeLimits, pathLimits } = overrides;
  return {
    route,
    path,
    pattern: pattern(path),
    methods: undefined,
    matchHeaders: undefined,
    service: 'web',
    from: undefined,
    answer: undefined,
    rewrite: undefined,
    auth: { kind: 'public' },
    requires: undefined,
    routeLimits,
    pathLimits,
    limitChecks: ruleChecks({ route, path, routeLimits, pathLimits }),
    bandwidth: undefined,
    bodyBytes: 10 * 1024 * 1024,
    websocket: true,
    timeout: {
      connectMs: 3000,
      responseMs: 60_000,
      idleMs: 300_000,
      streamIdleMs: 3_600_000,
      totalMs: undefined,
    },
    identityHeaders: [],
    requestFields: undefined,
    responseFields: undefined,
    preset: undefined,
    authorizationOf: undefined,
    pathForms: new Set(),
    forwardedNames: new Set(),
    cors: undefined,
    origins: [],
    position: { file: 'test.yaml', line: 1, column: 1 },
    ...overrides,
  };
}

export function service(overrides: Partial<ServicePolicy> = {}): ServicePolicy {
  return {
    name: 'web',
    address: 'web' as RoutingKey,
    via: { kind: 'amqp', tls: undefined, alpn: undefined },
    protocol: 'http1',
    balance: 'connection',
    hostHeader: 'client',
    timeout: { connectMs: 3000, idleMs: 300_000 },
    retry: { ratio: 0.1, withinMs: 1000 },
    outlier: { failures: 5, minMs: 1000, maxMs: 30_000 },
    maxConnections: 8,
    responseHeadBytes: 16 * 1024,
    ...overrides,
  };
}

/** What a request asks for, where only its host and path matter. */
export const PLAIN_GET = { method: 'GET', headers: [] as readonly string[] };

/** Host patterns → rules in order of precedence. Wildcards are tried in the order given. */
export function routeTable(hosts: Readonly<Record<string, readonly Rule[]>>): RouteTable {
  const exact = new Map<string, HostRules>();
  const wildcards: RouteTable['wildcards'][number][] = [];
  for (const [host, rules] of Object.entries(hosts)) {
    const suffix = /^\*{1,2}(\..*)$/.exec(host)?.[1];
    if (suffix === undefined) exact.set(host, { host, rules });
    else wildcards.push({ host, rules, suffix, labels: host.startsWith('**') ? 'any' : 'one' });
  }
  return { exact, wildcards, guardedNames: new Set() };
}

export function tenancy(
  overrides: Partial<Pick<PolicySnapshot, 'tenants' | 'tiers'>> = {},
): Pick<PolicySnapshot, 'tenants' | 'tiers'> {
  return { tenants: undefined, tiers: new Map(), ...overrides };
}
