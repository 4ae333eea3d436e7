import { durationText, sizeText } from '../../policy/schema/schema.ts';
import type {
  HostRules,
  PolicySnapshot,
  Rule,
  RuleTimeout,
  ServicePolicy,
} from '../../policy/snapshot/snapshot.ts';
import { describeWay, routingKeysOf } from '../../upstream/transport/transport.ts';
import type { GoodSet } from '../policy-tests/run-cases.ts';
import type { Placed } from './explanation.ts';
import type { PlaceOf } from './limit-places.ts';
import { defaultOf, placeText, writtenValue } from './places.ts';

/** How a service is reached and who reaches it: `fairlead explain --service NAME --format json` (docs/explain.md). */
export interface ServiceExplanation extends Placed {
  readonly service: string;
  /** `routing key web:8080`. */
  readonly way: string;
  /** Every one that a request may open; none where no network is needed. */
  readonly routingKeys: readonly string[];
  readonly settings: readonly ServiceSetting[];
  readonly reachedBy: readonly ServiceUse[];
}

/** `at` undefined: the default that is built in. */
export interface ServiceSetting extends Placed {
  readonly field: string;
  readonly text: string;
  /** Who says it: `service`, `gateway.defaults`, or undefined. */
  readonly level?: string | undefined;
}

/** One path of one host that leads there; a passthrough host has no path. */
export interface ServiceUse {
  readonly route: string;
  readonly host: string;
  readonly path?: string | undefined;
  readonly at: string;
  readonly timeouts: readonly ServiceSetting[];
}

/** Undefined: no route leads to a service of this name. */
export function explainService(name: string, set: GoodSet): ServiceExplanation | undefined {
  const { snapshot, placeOf } = set;
  const service = snapshot.services.get(name);
  if (service === undefined) return undefined;
  const position = placeOf(['services', name]);
  return {
    service: name,
    ...(position !== undefined && { at: placeText(position) }),
    way: describeWay(service),
    routingKeys: routingKeysOf(service),
    settings: settingsOf(service, placeOf),
    reachedBy: usesOf(name, snapshot),
  };
}

/** The keys of `services.X`, as the snapshot has them, and where each was written. */
function settingsOf(service: ServicePolicy, placeOf: PlaceOf): readonly ServiceSetting[] {
  const { protocol, balance, hostHeader, outlier, retry, maxConnections } = service;
  const values: readonly (readonly [string, string])[] = [
    ['protocol', protocol],
    ['balance', balance],
    ['hostHeader', hostHeader],
    ['outlier.failures', String(outlier.failures)],
    ['outlier.min', durationText(outlier.minMs)],
    ['outlier.max', durationText(outlier.maxMs)],
    ...healthValues(service.health),
    ...retryValues(retry),
    ['maxConnections', String(maxConnections)],
    ['responseHead', sizeText(service.responseHeadBytes)],
  ];
  return values.map(([field, text]) => placed(service.name, field, text, placeOf));
}

function healthValues(health: ServicePolicy['health']): readonly (readonly [string, string])[] {
  if (health === undefined) return [];
  return [
    ['health.path', health.path],
    ['health.every', durationText(health.everyMs)],
    ['health.timeout', durationText(health.timeoutMs)],
    ['health.unhealthy', String(health.unhealthy)],
    ['health.healthy', String(health.healthy)],
  ];
}

function retryValues(retry: ServicePolicy['retry']): readonly (readonly [string, string])[] {
  if (retry === undefined) return [['retry', 'off']];
  return [
    ['retry.ratio', String(retry.ratio)],
    ['retry.within', durationText(retry.withinMs)],
  ];
}

/** A service without a word of its own takes that of `gateway.defaults`, where that has the key. */
function placed(name: string, field: string, text: string, placeOf: PlaceOf): ServiceSetting {
  const path = field.split('.');
  const own = placeOf(['services', name, ...path]);
  const position = own ?? placeOf(['gateway', 'defaults', ...path]);
  if (position === undefined) return { field, text };
  return {
    field,
    text,
    at: placeText(position),
    level: own === undefined ? 'gateway.defaults' : 'service',
  };
}

function usesOf(name: string, { routes }: PolicySnapshot): readonly ServiceUse[] {
  const hosts = [...routes.exact.values(), ...routes.wildcards];
  return hosts.flatMap((host) => [...passthroughUse(name, host), ...ruleUses(name, host)]);
}

function passthroughUse(name: string, { host, passthrough }: HostRules): readonly ServiceUse[] {
  if (passthrough?.service !== name) return [];
  const { route, position } = passthrough;
  return [{ route, host, at: placeText(position), timeouts: [] }];
}

function ruleUses(name: string, { host, rules }: HostRules): readonly ServiceUse[] {
  return rules
    .filter(({ service }) => service === name)
    .map((rule) => ({
      route: rule.route,
      host,
      path: rule.path,
      at: placeText(rule.position),
      timeouts: timeoutsOf(rule),
    }));
}

const WAITS: readonly (readonly [field: string, key: keyof RuleTimeout])[] = [
  ['timeout.connect', 'connectMs'],
  ['timeout.response', 'responseMs'],
  ['timeout.idle', 'idleMs'],
  ['timeout.stream', 'streamIdleMs'],
  ['timeout.total', 'totalMs'],
];

/** What each request there waits; a `null` that goes back to the default is a place, too. */
function timeoutsOf({ timeout, origins }: Rule): readonly ServiceSetting[] {
  return WAITS.map(([field, key]) => {
    const ms = timeout[key];
    const text = ms === undefined ? defaultOf(field) : durationText(ms);
    const origin = origins.find((each) => each.field === field);
    if (origin === undefined) return { field, text };
    const { at, level } = writtenValue(origin);
    return { field, text, at, level };
  });
}
