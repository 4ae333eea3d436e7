import type { Attach } from '../codec/codec.ts';

/** Our handle of the tracking link; senders count up from 1. */
export const TRACKING_HANDLE = 0;
/** The router says it on edge listeners only. */
const TRACKING_ADDRESS = '_$qd.edge_addr_tracking';

const UNTIL_SESSION_ENDS = { durable: 0, expiryPolicy: 'session-end', timeout: 0 } as const;
const MODES = { sndSettleMode: 2, rcvSettleMode: 0 } as const;

export const TRACKING_NAME = 'fairlead.watch.tracking';

export function trackingAttach(): Attach {
  return {
    kind: 'attach',
    name: TRACKING_NAME,
    handle: TRACKING_HANDLE,
    role: true,
    ...MODES,
    source: { ...UNTIL_SESSION_ENDS, address: TRACKING_ADDRESS },
    target: {},
  };
}

export function watchName(handle: number): string {
  return `fairlead.watch.${handle}`;
}

/** A sender that never sends: its credit tells that the routing key has a consumer. */
export function watchAttach(handle: number, routingKey: string): Attach {
  return {
    kind: 'attach',
    name: watchName(handle),
    handle,
    role: false,
    ...MODES,
    source: {},
    target: { ...UNTIL_SESSION_ENDS, address: routingKey },
    initialDeliveryCount: 0,
  };
}
