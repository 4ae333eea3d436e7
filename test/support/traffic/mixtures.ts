import type { Kind, TrafficTarget } from './exchange.ts';
import { Http2Traffic } from './h2-traffic.ts';
import { BulkRequests, SmallRequests, VanishingRequests } from './http-traffic.ts';
import { PassthroughTraffic } from './passthrough-traffic.ts';
import { WebSocketTraffic } from './websocket-traffic.ts';

/** Of the fault matrix: kept-alive connections beside streams that take each other's lanes. */
export function matrixTraffic(target: TrafficTarget): Kind[] {
  return [
    ...Array.from({ length: 3 }, () => new SmallRequests(target, 'web')),
    ...Array.from({ length: 2 }, () => new SmallRequests(target, 'fresh')),
    ...Array.from({ length: 2 }, () => new PassthroughTraffic(target)),
  ];
}

/** Of the soak: all kinds. Two cores carry them with room for the routers and the gateway. */
export function soakTraffic(target: TrafficTarget): Kind[] {
  return [
    ...matrixTraffic(target),
    new WebSocketTraffic(target),
    new Http2Traffic(target),
    new BulkRequests(target),
    new VanishingRequests(target),
  ];
}
