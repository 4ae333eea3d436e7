import { isPassthrough } from './levels.ts';
import type { MapNode, Path } from '../source/source.ts';
import { childOf, entriesOf, nodeAt } from '../source/source.ts';

const NEED_IT: readonly Path[] = [
  ['gateway', 'listen', 'https'],
  ['gateway', 'certificates'],
  ['gateway', 'defaultCertificate'],
];

/**
 * Whether the gateway has an https port. It has one without a word, but for a gateway that a balancer stands before
 * (`listen.plain`) and that has nothing to answer a handshake with: no certificate, and no route that passes TLS on.
 */
export function hasHttpsPort(root: MapNode): boolean {
  if (nodeAt(root, ['gateway', 'listen', 'plain']) === undefined) return true;
  if (NEED_IT.some((path) => nodeAt(root, path) !== undefined)) return true;
  return entriesOf(childOf(root, 'routes')).some(([, { node }]) => isPassthrough(node));
}
