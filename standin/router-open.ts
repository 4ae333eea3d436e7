import type { Open } from '../src/network/amqp/codec/codec.ts';
import { ROUTER_LIMITS } from './router-limits.ts';

/** What a router offers and desires on a normal listener. */
const CAPABILITIES = ['ANONYMOUS-RELAY', 'qd.streaming-links', 'qd.connection_trunking'];

export const STANDIN_VERSION = '3.5.1-standin';

/** The router's `open`: it announces half of the silence it really bears (router-stream-protocol.md 2). */
export function routerOpen(router: {
  readonly routerId: string;
  readonly connectionId: number;
  readonly idleTimeoutMs: number;
}): Open {
  return {
    kind: 'open',
    containerId: router.routerId,
    maxFrameSize: ROUTER_LIMITS.maxFrameSize,
    channelMax: ROUTER_LIMITS.channelMax,
    idleTimeOut: Math.floor(router.idleTimeoutMs / 2),
    offeredCapabilities: CAPABILITIES,
    desiredCapabilities: CAPABILITIES,
    properties: new Map<string, string | number>([
      ['product', 'skupper-router'],
      ['version', STANDIN_VERSION],
      ['qd.conn-id', router.connectionId],
    ]),
  };
}
