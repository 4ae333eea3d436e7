// A permitted request on its way to the application and back; a fault is told once, and a retry is made here.
//   forwarder, forwarding         one exchange: send, answer, retry, time limits (retry-budget, long-stream)
//   response-receiver             where the answer goes: the pipeline implements it
//   request-headers, client-fields, identity-*, request-trailers  what the application gets
//   limited-body                  the body up to its limit
//   paced-flow, paced-*           `limits.bandwidth`, for both
//   splice, reading-end                        passthrough: two streams joined, no messages
export { Forwarder } from './forwarder.ts';
export { requestHeaders } from './request-headers.ts';
export type { ResponseReceiver } from './response-receiver.ts';
export { Splice } from './splice.ts';
