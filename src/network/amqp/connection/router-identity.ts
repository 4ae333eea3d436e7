import { AmqpError, type Open } from '../codec/codec.ts';

export interface RouterIdentity {
  /** Container id: the router's own id. */
  readonly id: string;
  readonly product: string;
  readonly version: string;
}

const PRODUCT = 'skupper-router';
/** Routers before 3.0 speak another encapsulation (router-stream-protocol.md 13). */
const FIRST_MAJOR = 3;

/** Who opened; throws AmqpError for a peer that does not speak the streams of skupper-router 3. */
export function identifyRouter(open: Open): RouterIdentity {
  const product = textOf(open, 'product');
  const version = textOf(open, 'version');
  if (product !== PRODUCT) {
    const text = `peer is "${product}" ${version}, wanted ${PRODUCT}`;
    throw new AmqpError('amqp:not-implemented', text);
  }
  if (isTooOld(version)) {
    const text = `router has version ${version}, wanted ${FIRST_MAJOR}.0.0 or later`;
    throw new AmqpError('amqp:not-implemented', text);
  }
  return { id: open.containerId, product, version };
}

/** Builds of a branch say its name, or `0.0.0` and something: nothing can be told from that. */
export function hasReleaseVersion(version: string): boolean {
  return /^\d+\.\d+/.test(version) && !version.startsWith('0.0.0');
}

function isTooOld(version: string): boolean {
  return hasReleaseVersion(version) && Number.parseInt(version, 10) < FIRST_MAJOR;
}

function textOf(open: Open, name: string): string {
  const value = open.properties?.get(name);
  return typeof value === 'string' ? value : '';
}
