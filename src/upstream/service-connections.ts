import type { UpstreamCall, UpstreamReceiver, UpstreamRequest } from './upstream.ts';

/** The connections to one service, whatever they speak. */
export interface ServiceConnections {
  /** `release` is called once, when the request needs its connection no more. */
  send(request: UpstreamRequest, receiver: UpstreamReceiver, release: () => void): UpstreamCall;
  /** Takes no more requests; those in flight finish, and the connections close then. */
  close(): void;
  /** Closes every connection now; requests in flight fail. */
  destroy(): Promise<void>;
}
