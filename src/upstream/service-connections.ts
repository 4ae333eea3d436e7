import type { UpstreamCall, UpstreamReceiver, UpstreamRequest } from './upstream.ts';

/** The connections to one service, whatever they speak. */
export interface ServiceConnections {
  /** `release` is called once, when the request needs its connection no more. */
  send(request: UpstreamRequest, receiver: UpstreamReceiver, release: () => void): UpstreamCall;
  /** Takes no more requests; those in flight finish. Resolves when every connection is closed; never rejects. */
  close(): Promise<void>;
  /** Closes every connection now; requests in flight fail. */
  destroy(): Promise<void>;
}
