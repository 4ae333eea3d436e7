import { AddressList, parseAddressBlock } from '../../core/address-list.ts';
import type { AddressBlock } from '../../core/address-list.ts';
import { CIPHER_SUITES } from '../../core/tls-policy.ts';
import type { Findings } from '../issues/issue.ts';
import { levelsOf } from '../rules/levels.ts';
import { DEFAULTS, parseDuration } from '../schema/schema.ts';
import type { MapNode, Path } from '../source/source.ts';
import { childOf, entriesOf, itemsOf, nodeAt, textOf } from '../source/source.ts';
import { effectReport } from './effect-report.ts';
import type { Report } from './effect-report.ts';
import type { WrittenSet } from './written-set.ts';

/** Values that nothing ever reaches, because another one beside them comes first (E111, W330). */
export function checkReach({ root }: WrittenSet, findings: Findings): void {
  const report = effectReport(root, findings);
  checkDurations(root, report);
  checkConnections(root, report);
  checkCiphers(root, report);
  // A warning: whoever keeps out too many keeps out nobody that is wanted.
  const warn = effectReport(root, findings, 'W330');
  for (const base of [['gateway'], ...levelsOf(root).map(({ path }) => path)]) {
    checkDenied(root, [...base, 'from'], warn);
  }
}

/** Of two waits the one that is never reached. */
interface Pair {
  readonly base: Path;
  readonly shorter: string;
  readonly longer: string;
}

function checkDurations(root: MapNode, report: Report): void {
  const services = entriesOf(childOf(root, 'services')).map(([name]) => ['services', name]);
  const pauses = [...services.map((path) => [...path, 'outlier']), ['network', 'backoff']];
  const timeouts = [...services, ...levelsOf(root).map(({ path }) => path)];
  const pairs: readonly Pair[] = [
    ...pauses.map((base) => ({ base, shorter: 'min', longer: 'max' })),
    { base: ['gateway', 'sessions'], shorter: 'idle', longer: 'absolute' },
    // Streams outlive "total", so their wait is not in question.
    ...timeouts.flatMap((path) =>
      ['connect', 'response', 'idle'].map((shorter) => ({
        base: [...path, 'timeout'],
        shorter,
        longer: 'total',
      })),
    ),
  ];
  for (const { base, shorter, longer } of pairs) {
    const [short, long] = [shorter, longer].map((key) =>
      parseDuration(textOf(nodeAt(root, [...base, key])) ?? ''),
    );
    if (short === undefined || long === undefined || short <= long) continue;
    report([...base, shorter], `"${longer}" is shorter, and comes first`);
  }
}

/** One address never has more connections than all together; nor has a tenant, where each gateway counts by itself. */
function checkConnections(root: MapNode, report: Report): void {
  const limits: Path = ['gateway', 'limits'];
  const all = numberAt(root, [...limits, 'connections']) ?? DEFAULTS.connections;
  const own: Path = [...limits, 'perClientAddress', 'connections'];
  if ((numberAt(root, own) ?? 0) > all) {
    report(own, `all addresses together have ${all} connections at most`);
  }
  if (nodeAt(root, ['gateway', 'store']) !== undefined) return;
  const tiers = entriesOf(childOf(root, 'tiers')).map(([name]) => ['tiers', name]);
  const overrides = entriesOf(nodeAt(root, ['tenants', 'overrides'])).map(([tenant]) => [
    'tenants',
    'overrides',
    tenant,
    'limits',
  ]);
  for (const base of [...tiers, ...overrides]) {
    const path = [...base, 'connections'];
    if ((numberAt(root, path) ?? 0) <= all) continue;
    report(
      path,
      `all tenants together have ${all} connections at most (gateway.limits.connections)`,
    );
  }
}

function numberAt(root: MapNode, path: Path): number | undefined {
  const node = nodeAt(root, path);
  return node?.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;
}

/** Suites of TLS 1.3 have names of their own (RFC 8446 B.4). Where none is served the schema complains. */
function checkCiphers(root: MapNode, report: Report): void {
  const tls: Path = ['gateway', 'tls'];
  const [min, max] = ['min', 'max'].map((key) => textOf(nodeAt(root, [...tls, key])));
  const names = itemsOf(nodeAt(root, [...tls, 'ciphers'])).map((node) => textOf(node) ?? '');
  const isServed = (name: string) =>
    name.startsWith('TLS_') ? max !== 'TLSv1.2' : min !== 'TLSv1.3';
  if (!names.some(isServed)) return;
  for (const [index, name] of names.entries()) {
    if (isServed(name) || !CIPHER_SUITES.some((suite) => suite === name)) continue;
    const version = name.startsWith('TLS_') ? 'TLSv1.3' : 'TLSv1.2';
    report([...tls, 'ciphers', index], `it is of ${version}, which is not served`);
  }
}

/** Whom "allow" does not let in, "deny" need not keep out. */
function checkDenied(root: MapNode, base: Path, report: Report): void {
  const [allowed, denied] = ['allow', 'deny'].map((key) =>
    itemsOf(nodeAt(root, [...base, key])).map((node) => parseAddressBlock(textOf(node) ?? '')),
  ) as [(AddressBlock | undefined)[], (AddressBlock | undefined)[]];
  if (allowed.length === 0 || allowed.includes(undefined)) return;
  for (const [index, block] of denied.entries()) {
    if (block === undefined || allowed.some((each) => overlap(each!, block))) continue;
    report([...base, 'deny', index], '"allow" lets in nobody of it');
  }
}

function overlap(one: AddressBlock, other: AddressBlock): boolean {
  return new AddressList([one]).has(other.address) || new AddressList([other]).has(one.address);
}
