import type { GatewayError } from '../core/errors.ts';
import type { HeaderList } from '../core/header-list.ts';

/**
 * Where the response to a forwarded request goes; the pipeline implements it. Fields are the application's,
 * unfiltered. Either `end` or `fail` is the last call; `head` comes once, before `data`.
 */
export interface ResponseReceiver {
  /** Octets of the request body came from the client. */
  requestOctets(bytes: number): void;
  /** The request is sent once more, on another connection. */
  retried(): void;
  /** False: no room. `Forwarding.resume` when there is. */
  informational(status: number, headers: HeaderList): boolean;
  /** `isWhole`: nothing follows but `end`. */
  head(status: number, headers: HeaderList, isWhole: boolean): void;
  /** False: no room. `Forwarding.resume` when there is. */
  data(chunk: Uint8Array): boolean;
  end(trailers: HeaderList): void;
  /** The forwarding ended with this: the receiver answers, or cuts a response that has begun. */
  fail(error: GatewayError): void;
}
