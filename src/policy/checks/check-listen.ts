import { DEFAULT_PORTS } from '../../core/origin.ts';
import type { Findings } from '../issues/issue.ts';
import { hasHttpsPort } from '../rules/https-port.ts';
import { DEFAULTS, parseListenAddress } from '../schema/schema.ts';
import type { ListenAddress } from '../snapshot/snapshot.ts';
import type { MapNode, Path } from '../source/source.ts';
import { nodeAt, tokenSpanAt } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

/** Every key that names a port of ours, and the port without it. */
const PLACES: readonly (readonly [path: Path, byDefault?: ListenAddress])[] = [
  [['gateway', 'listen', 'https'], DEFAULTS.httpsListen],
  [['gateway', 'listen', 'http']],
  [['gateway', 'listen', 'plain', 'address']],
  [['gateway', 'admin', 'listen'], DEFAULTS.adminListen],
  [['gateway', 'admin', 'health']],
];

interface Place {
  readonly path: Path;
  readonly address: ListenAddress;
  readonly isWritten: boolean;
}

/** E221, W315: two listeners at one address, of which only one could start; links to a port that clients do not see. */
export function checkListen({ root }: WrittenSet, findings: Findings): void {
  const hasHttps = hasHttpsPort(root);
  const places = PLACES.slice(hasHttps ? 0 : 1).flatMap(([path, byDefault]) =>
    placeOf(root, path, byDefault),
  );
  for (const [index, place] of places.entries()) {
    const other = places.slice(0, index).find((each) => isSamePort(each.address, place.address));
    if (other !== undefined) reportClash(root, place, other, findings);
  }
  if (hasHttps) checkPublicPort(root, places[0], findings);
}

function placeOf(root: MapNode, path: Path, byDefault?: ListenAddress): readonly Place[] {
  const node = nodeAt(root, path);
  if (node === undefined) return byDefault ? [{ path, address: byDefault, isWritten: false }] : [];
  const value = node.kind === 'scalar' ? node.value : undefined;
  const isAddress = typeof value === 'string' || typeof value === 'number';
  const address = isAddress ? parseListenAddress(value) : undefined;
  // Another check has said that it is no address.
  return address === undefined ? [] : [{ path, address, isWritten: true }];
}

/** Port 0 is a free one. A listener of all addresses takes the port of each. */
function isSamePort(one: ListenAddress, other: ListenAddress): boolean {
  if (one.port === 0 || one.port !== other.port) return false;
  return isEverywhere(one) || isEverywhere(other) || one.address === other.address;
}

function isEverywhere({ address }: ListenAddress): boolean {
  return address === undefined || address === '0.0.0.0' || address === '::';
}

function reportClash(root: MapNode, place: Place, other: Place, findings: Findings): void {
  const [at, against] = place.isWritten ? [place, other] : [other, place];
  const default_ = against.isWritten ? '' : ' by default';
  const { path, address } = at;
  const message = `port ${address.port} is taken: ${against.path.join('.')} has it${default_}`;
  const hint = 'choose another port';
  findings.add({ code: 'E221', message, hint, path, at: tokenSpanAt(root, path) });
}

function checkPublicPort(root: MapNode, https: Place | undefined, findings: Findings): void {
  const path = ['gateway', 'listen', 'plain'];
  const hasPlain = nodeAt(root, path) !== undefined;
  if (!hasPlain || nodeAt(root, ['gateway', 'publicPort']) !== undefined) return;
  const port = https?.address.port ?? 0;
  if (port === DEFAULT_PORTS.https) return;
  const shown = port === 0 ? 'the https port of the gateway' : `port ${port}`;
  const message = `redirects and logins lead the clients of the balancer to ${shown}`;
  const hint = 'add "publicPort:" to gateway, with the https port of the balancer, such as 443';
  findings.add({ code: 'W315', message, hint, path, at: tokenSpanAt(root, path) });
}
