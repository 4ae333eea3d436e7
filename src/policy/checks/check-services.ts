import { isLoopbackHost } from '../../core/network-addresses.ts';
import { MAX_H2_RESPONSE_HEAD_BYTES } from '../../core/response-head.ts';
import { quoted } from '../issues/schema-issues.ts';
import type { IssueCode } from '../issues/issue-codes.ts';
import type { Findings } from '../issues/issue.ts';
import type { MapNode, Path, SourceNode, Span } from '../source/source.ts';
import { childOf, entriesOf, textOf, tokenSpanAt } from '../source/source.ts';
import { parseSize } from '../schema/schema.ts';
import { looksLikeUrl, parseServiceUrl } from '../rules/service-url.ts';
import { serviceUses } from './service-uses.ts';
import type { ServiceUse } from './service-uses.ts';
import type { WrittenSet } from './written-set.ts';

/** Keys of a service that do not go together, and services that nothing can reach. */
export function checkServices({ root }: WrittenSet, findings: Findings): void {
  const services = childOf(root, 'services');
  for (const [name, { node, key }] of entriesOf(services)) {
    const report = reporter(root, ['services', name], key, findings);
    const via = viaOf(node);
    if (via === 'tcp') checkTcp(node, report);
    if (via === 'amqp') checkAmqp(node, report);
    if (via === 'url') checkUrl(node, report);
    if (via !== 'url') checkAuthorities(node, report);
    if (via === 'amqp' || via === 'tcp') checkNoHealth(node, report);
    checkAddresses(node, via, report);
    checkResponseHead(node, report);
  }
  for (const use of serviceUses(root)) {
    if (childOf(services, use.name) === undefined) checkUrlUse(use, findings);
  }
  if (childOf(root, 'network') === undefined) checkReach(root, services, findings);
}

/** Undefined: written wrong, which the schema says; what goes with it cannot be judged. */
function viaOf(service: SourceNode | undefined): 'amqp' | 'tcp' | 'url' | undefined {
  if (urlNodeOf(service) !== undefined) return 'url';
  const via = childOf(service, 'via');
  if (via === undefined) return 'amqp';
  const text = textOf(via);
  return text === 'amqp' || text === 'tcp' ? text : undefined;
}

type Report = (code: IssueCode, below: string | undefined, message: string, hint?: string) => void;

function reporter(root: MapNode, base: Path, key: Span, findings: Findings): Report {
  return (code, below, message, hint) => {
    const path = below === undefined ? base : [...base, below];
    const at = below === undefined ? key : tokenSpanAt(root, path);
    findings.add({ code, message, hint, path, at });
  };
}

function checkTcp(node: SourceNode, report: Report): void {
  if (node.kind !== 'map') return;
  for (const key of ['host', 'port']) {
    if (!node.entries.has(key)) report('E215', 'via', `"via: tcp" needs "${key}"`);
  }
  if (node.entries.has('alpn')) report('E215', 'alpn', '"alpn" goes with "via: amqp" only');
  if (textOf(childOf(node, 'protocol')) === 'auto') {
    report(
      'E215',
      'protocol',
      '"auto" asks the application in TLS, so it goes with "via: amqp" only',
    );
  }
  const host = textOf(childOf(node, 'host'));
  if (host === undefined) return;
  if (isLoopbackHost(host) || node.entries.has('tls')) {
    if (node.entries.has('insecure')) report('E111', 'insecure', NOT_INSECURE);
    return;
  }
  if (isInsecure(node)) return reportInsecure(node, host, report);
  report('E214', 'host', plainMessage(host), 'add "tls:" with ca, cert and key');
}

/** A text alone, or the `url` of a mapping. */
function urlNodeOf(service: SourceNode | undefined): SourceNode | undefined {
  return service?.kind === 'scalar' ? service : childOf(service, 'url');
}

const URL_KEYS: ReadonlySet<string> = new Set([
  'via',
  'host',
  'port',
  'alpn',
  'address',
  'addresses',
]);

function checkUrl(node: SourceNode, report: Report): void {
  const url = parseServiceUrl(textOf(urlNodeOf(node)) ?? '');
  const keys = node.kind === 'map' ? node.entries : new Map<string, never>();
  for (const key of keys.keys()) {
    if (URL_KEYS.has(key)) report('E215', key, `"${key}" does not go with "url"`);
  }
  if (url === undefined) return;
  if (!url.isSecure && keys.has('tls')) report('E215', 'tls', '"tls" goes with an https URL');
  if (!url.isSecure && textOf(childOf(node, 'protocol')) === 'auto') {
    report('E215', 'protocol', '"auto" asks the application in TLS, so it goes with an https URL');
  }
  if (url.isSecure || isLoopbackHost(url.host)) {
    if (keys.has('insecure')) report('E111', 'insecure', NOT_INSECURE);
    return;
  }
  if (isInsecure(node)) return reportInsecure(node, url.host, report);
  const below = node.kind === 'map' ? 'url' : undefined;
  report('E214', below, plainMessage(url.host), 'write https, or add "insecure: true"');
}

const NOT_INSECURE =
  '"insecure" has no effect here: the connection has TLS, or stays on this machine';

function plainMessage(host: string): string {
  return `plain TCP goes to a loopback address only, found ${quoted(host)}`;
}

function isInsecure(node: SourceNode): boolean {
  const insecure = childOf(node, 'insecure');
  return insecure?.kind === 'scalar' && insecure.value === true;
}

function reportInsecure(node: SourceNode, host: string, report: Report): void {
  const below = childOf(node, 'insecure') === undefined ? undefined : 'insecure';
  const message = `requests go to ${quoted(host)} without TLS: whoever is on the way can read and change them`;
  report('W314', below, message, 'write https, or reach it through the Skupper network');
}

/** A URL in a route has no place for more than what it says. */
function checkUrlUse({ name, path, node }: ServiceUse, findings: Findings): void {
  const url = parseServiceUrl(name);
  if (url === undefined || url.isSecure || isLoopbackHost(url.host)) return;
  const hint =
    'write https, or make it a service: "services: { name: { url: …, insecure: true } }"';
  findings.add({ code: 'E214', message: plainMessage(url.host), hint, path, at: node.span });
}

/** Who the peer has to be is told, but for a URL, where the system knows. */
function checkAuthorities(node: SourceNode, report: Report): void {
  const tls = childOf(node, 'tls');
  if (tls?.kind !== 'map' || tls.entries.has('ca')) return;
  report('E103', 'tls', '"tls" needs "ca"; only a service with "url" may leave it out');
}

function checkAmqp(node: SourceNode, report: Report): void {
  if (node.kind !== 'map') return;
  for (const key of ['host', 'port']) {
    if (node.entries.has(key)) report('E215', key, `"${key}" belongs to "via: tcp" only`);
  }
  if (node.entries.has('insecure')) {
    report('E215', 'insecure', '"insecure" belongs to "via: tcp" and "url" only');
  }
  const hasTls = node.entries.has('tls');
  if (hasTls && node.entries.has('alpn')) {
    report('E215', 'alpn', '"alpn" is for TLS of the far connector, and "tls" is our own');
  }
  if (!hasTls && textOf(childOf(node, 'protocol')) === 'auto') {
    report('E215', 'protocol', '"auto" asks the application in TLS, so it needs "tls"');
  }
}

/** The network knows which routing keys have consumers, so nobody has to be asked. */
function checkNoHealth(node: SourceNode, report: Report): void {
  if (childOf(node, 'health') === undefined) return;
  report('E215', 'health', '"health" goes with "url" only: the network knows its consumers');
}

function checkAddresses(node: SourceNode, via: ReturnType<typeof viaOf>, report: Report): void {
  if (childOf(node, 'addresses') === undefined) return;
  if (childOf(node, 'address') !== undefined) {
    report(
      'E215',
      'address',
      '"address" is one routing key and "addresses" are several: write one of the two',
    );
  }
  if (via === 'tcp') {
    report('E215', 'addresses', '"addresses" are routing keys, so they go with "via: amqp" only');
  }
}

function checkResponseHead(node: SourceNode, report: Report): void {
  const octets = parseSize(textOf(childOf(node, 'responseHead')) ?? '');
  if (octets === undefined || octets <= MAX_H2_RESPONSE_HEAD_BYTES) return;
  if (textOf(childOf(node, 'protocol')) !== 'h2') return;
  report('E215', 'responseHead', 'with "protocol: h2" a response head has at most 128KiB');
}

/** A route whose service is reached through the network needs one; its requests get 503 until then. */
function checkReach(root: MapNode, services: SourceNode | undefined, findings: Findings): void {
  for (const { name, path, node } of serviceUses(root)) {
    if (looksLikeUrl(name) || viaOf(childOf(services, name)) !== 'amqp') continue;
    findings.add({
      code: 'W307',
      message: `service ${quoted(name)} is reached through the Skupper network, but there is no "network"`,
      hint: 'add "network: { link: … }", or give the service "via: tcp"',
      path,
      at: node.span,
    });
  }
}
