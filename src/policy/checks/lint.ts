import { coversHost } from '../../core/host-cover.ts';
import { profileUses, providerUses, tierUses } from './check-names.ts';
import { quoted } from '../issues/schema-issues.ts';
import type { Findings } from '../issues/issue.ts';
import { isPassthrough } from '../rules/levels.ts';
import { isWithin } from '../rules/path-pattern.ts';
import type { PolicySnapshot, Rule } from '../snapshot/snapshot.ts';
import { nearest } from '../issues/did-you-mean.ts';
import { lintQuotas } from './lint-quotas.ts';
import { lintRedirects } from './redirect-loops.ts';
import { serviceUses } from './service-uses.ts';
import type { MapNode } from '../source/source.ts';
import { childOf, entriesOf, keySpanAt, textOf, tokenSpanAt } from '../source/source.ts';

/** Things that load and are probably not meant (W3xx). */
export function lint(root: MapNode, snapshot: PolicySnapshot, findings: Findings): void {
  unused(
    root,
    'providers',
    providerUses(root).map(({ name }) => name),
    findings,
  );
  // A claim may name any tier, so only without one is a tier that nothing names unused.
  if (snapshot.tenants?.tier.from === undefined) {
    unused(
      root,
      'tiers',
      tierUses(root).map(({ name }) => name),
      findings,
    );
  }
  unused(
    root,
    'profiles',
    profileUses(root).map(({ name }) => name),
    findings,
  );
  unused(root, 'services', [...snapshot.services.keys()], findings);
  lintRoutingKeys(root, findings);
  lintPublicPaths(root, snapshot, findings);
  lintCertificates(root, snapshot, findings);
  lintRedirects(root, snapshot, findings);
  lintQuotas(root, findings);
}

const UNUSED = {
  providers: ['W301', 'provider', 'no route asks it'],
  tiers: ['W302', 'tier', 'no tenant can have it'],
  services: ['W305', 'service', 'no route names it'],
  profiles: ['W309', 'profile', 'no route or path uses it'],
} as const;

function unused(
  root: MapNode,
  kind: keyof typeof UNUSED,
  used: readonly string[],
  findings: Findings,
): void {
  const [code, noun, why] = UNUSED[kind];
  // Without a tenants block the tier `default` is the one that everybody gets.
  const isImplied = (name: string) =>
    kind === 'tiers' && name === 'default' && childOf(root, 'tenants') === undefined;
  for (const [name, { key }] of entriesOf(childOf(root, kind))) {
    if (used.includes(name) || isImplied(name)) continue;
    findings.add({
      code,
      message: `${noun} ${quoted(name)} is unused: ${why}`,
      path: [kind, name],
      at: key,
    });
  }
}

/** A routing key needs no entry under `services`, so a typing slip in one would pass silently. */
function lintRoutingKeys(root: MapNode, findings: Findings): void {
  const services = childOf(root, 'services');
  const known = entriesOf(services).map(([key]) => key);
  for (const { name, path, node } of serviceUses(root)) {
    if (childOf(services, name) !== undefined) continue;
    const near = nearest(name, known);
    if (near === undefined) continue;
    findings.add({
      code: 'W306',
      message: `${quoted(name)} is not a service of the policy, so it is used as a routing key`,
      hint: `did you mean "${near}"?`,
      path,
      at: node.span,
    });
  }
}

/** A public path that takes requests out of a path that the operator protected by name. */
function lintPublicPaths(root: MapNode, snapshot: PolicySnapshot, findings: Findings): void {
  const { exact, wildcards } = snapshot.routes;
  for (const { rules } of [...exact.values(), ...wildcards]) {
    const open = rules.filter(isOpen);
    const closed = rules.filter((rule) => !isOpen(rule) && rule.path !== '/**');
    for (const rule of open) {
      const outer = closed.find((other) => takesFrom(rule, other));
      if (outer !== undefined) reportShadow(root, rule, outer, findings);
    }
  }
}

/** Of one path the rule that wants more takes what it names: that is what it is written for. */
function takesFrom(open: Rule, closed: Rule): boolean {
  if (open.path === closed.path || !isWithin(open.pattern, closed.pattern)) return false;
  const [own, other] = [open.methods, closed.methods];
  return own === undefined || other === undefined || [...own].some((each) => other.has(each));
}

/** A request passes without an identity. */
function isOpen({ auth }: Rule): boolean {
  return auth.kind === 'public' || auth.kind === 'optional';
}

function reportShadow(root: MapNode, rule: Rule, outer: Rule, findings: Findings): void {
  const path = ['routes', rule.route, 'paths', rule.path];
  findings.add({
    code: 'W303',
    message: `${rule.auth.kind === 'public' ? 'public path' : 'path with optional login'} ${rule.path} takes requests out of the protected ${outer.path} of routes.${outer.route}`,
    path,
    at: keySpanAt(root, path) ?? tokenSpanAt(root, ['routes', rule.route]),
  });
}

function lintCertificates(root: MapNode, snapshot: PolicySnapshot, findings: Findings): void {
  const { certificates, defaultCertificate, listen } = snapshot.gateway;
  // A balancer has them all.
  if (listen.plain !== undefined && certificates.length === 0 && !defaultCertificate) return;
  const names = [
    ...certificates,
    ...(defaultCertificate === undefined ? [] : [defaultCertificate]),
  ].flatMap((certificate) => certificate.names);
  for (const [name, { node }] of entriesOf(childOf(root, 'routes'))) {
    // The application behind a passthrough host has the certificate.
    if (isPassthrough(node)) continue;
    const host = childOf(node, 'host');
    const items = host?.kind === 'list' ? host.items : [host];
    for (const [index, item] of items.entries()) {
      const text = textOf(item)?.toLowerCase().replace(/\.$/, '');
      if (text === undefined || names.some((served) => serves(served, text))) continue;
      const path = ['routes', name, 'host', ...(host?.kind === 'list' ? [index] : [])];
      const message = `no certificate of the gateway names ${quoted(text)}`;
      findings.add({ code: 'W304', message, path, at: tokenSpanAt(root, path) });
    }
  }
}

/** RFC 9525 6.3: `*` stands for exactly one label. */
function serves(served: string, host: string): boolean {
  if (served === host || served === host.replace(/^\*\*\./, '*.')) return true;
  return served.startsWith('*.') && coversHost({ suffix: served.slice(1), labels: 'one' }, host);
}
