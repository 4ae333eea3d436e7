import type { Attach } from '../codec/codec.ts';
import { REQUEST_HANDLE } from './request-stream.ts';
import { RESPONSE_HANDLE } from './response-stream.ts';

const MIXED = 2;
const FIRST = 0;
const UNTIL_SESSION_ENDS = { durable: 0, expiryPolicy: 'session-end', timeout: 0 } as const;

/** The receiving link: the router makes its address, the reply address (router-stream-protocol.md 4). */
export function responseAttach(name: string): Attach {
  return {
    kind: 'attach',
    name,
    handle: RESPONSE_HANDLE,
    role: true,
    sndSettleMode: MIXED,
    rcvSettleMode: FIRST,
    source: { ...UNTIL_SESSION_ENDS, dynamic: true },
    target: {},
  };
}

/** The sending link, to the routing key. Without the capability the router holds the request back. */
export function requestAttach(name: string, routingKey: string): Attach {
  return {
    kind: 'attach',
    name,
    handle: REQUEST_HANDLE,
    role: false,
    sndSettleMode: MIXED,
    rcvSettleMode: FIRST,
    source: {},
    target: {
      ...UNTIL_SESSION_ENDS,
      address: routingKey,
      dynamic: false,
      capabilities: ['qd.streaming-deliveries'],
    },
    initialDeliveryCount: 0,
  };
}
