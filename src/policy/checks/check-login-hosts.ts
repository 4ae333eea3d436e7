import { coversHost } from '../../core/host-cover.ts';
import { providersOf } from '../rules/auth-names.ts';
import { lastOf } from '../rules/effective-rule.ts';
import { quoted } from '../issues/schema-issues.ts';
import { parseHost } from '../rules/hosts.ts';
import type { HostPattern } from '../rules/hosts.ts';
import type { Findings } from '../issues/issue.ts';
import { knownKeys } from '../schema/schema.ts';
import type { Path, SourceNode } from '../source/source.ts';
import { childOf, itemsOf, textOf } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

/** A plugin with this option logs people in, and its provider knows each host by its redirect URI. */
const OPTION = 'loginHosts';

/** A host as it is written in a route, or under `loginHosts`. */
interface WrittenHost {
  readonly host: HostPattern;
  readonly path: Path;
  readonly node: SourceNode;
}

/**
 * A login at a host that the provider does not know fails at the provider, in front of a person: so each
 * host of a route that asks for one is a login host, and a wildcard has some below it.
 */
export function checkLoginHosts(set: WrittenSet, findings: Findings): void {
  for (const { name, entry, json } of set.providers) {
    if (!knownKeys(json, []).includes(OPTION)) continue;
    const served = routesAsking(set, name).flatMap((route) => hostsOf(set, route));
    const option = childOf(entry.node, OPTION);
    const listed = itemsOf(option).flatMap((item, index) =>
      written(item, ['providers', name, OPTION, index]),
    );
    for (const each of served)
      checkServed(each, name, { isGiven: option !== undefined, listed }, findings);
    for (const each of listed) checkListed(each, name, served, findings);
  }
}

/** Routes some path of which asks the provider. */
function routesAsking({ rules }: WrittenSet, provider: string): readonly string[] {
  const asking = [...rules].filter(([, ofRoute]) =>
    ofRoute
      .flatMap((rule) => providersOf(lastOf(rule, 'auth')?.node))
      .some(({ name }) => name === provider),
  );
  return asking.map(([route]) => route);
}

function hostsOf({ root }: WrittenSet, route: string): readonly WrittenHost[] {
  const path = ['routes', route, 'host'];
  const host = childOf(childOf(childOf(root, 'routes'), route), 'host');
  if (host?.kind !== 'list') return written(host, path);
  return itemsOf(host).flatMap((item, index) => written(item, [...path, index]));
}

/** What is not well-formed is reported elsewhere. */
function written(node: SourceNode | undefined, path: Path): WrittenHost[] {
  const parsed = parseHost(textOf(node) ?? '');
  return parsed.kind === 'ok' ? [{ host: parsed.value, path, node: node! }] : [];
}

function checkServed(
  { host, path, node }: WrittenHost,
  provider: string,
  { isGiven, listed }: { readonly isGiven: boolean; readonly listed: readonly WrittenHost[] },
  findings: Findings,
): void {
  const isExact = host.kind === 'exact';
  if ((isExact && !isGiven) || listed.some((login) => covers(host, login.host))) return;
  const whose = `providers.${provider}`;
  const message = isExact
    ? `people cannot log in at ${quoted(host.host)}: it is not among the ${OPTION} of ${whose}`
    : `people cannot log in at ${quoted(host.host)}: ${whose} has no ${OPTION} below it`;
  const hint = `its redirect URI is registered host by host: add ${OPTION} to ${whose}`;
  findings.add({ code: 'E216', message, hint, path, at: node.span });
}

function checkListed(
  { host, path, node }: WrittenHost,
  provider: string,
  served: readonly WrittenHost[],
  findings: Findings,
): void {
  if (served.some((route) => covers(route.host, host))) return;
  const message = `${quoted(host.host)} is a host of no route that asks providers.${provider}`;
  findings.add({ code: 'E216', message, path, at: node.span });
}

function covers(route: HostPattern, login: HostPattern): boolean {
  if (route.kind === 'exact' || login.kind !== 'exact') return route.host === login.host;
  return coversHost(route, login.host);
}
