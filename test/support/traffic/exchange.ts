import { createHash } from 'node:crypto';

/** The gateway that the traffic goes to, with `TRAFFIC_POLICY`. */
export interface TrafficTarget {
  readonly port: number;
  readonly caPem: string;
}

/** One exchange to be made. */
export interface Attempt {
  /** Its own; the answer must begin with it. */
  readonly nonce: string;
  /** Counts a worker's exchanges, so that they differ. */
  readonly turn: number;
  /** Aborted when it counts as hung. */
  readonly signal: AbortSignal;
}

/** What came, when it came to an end that looks like one; what is cut rejects. */
export interface Answer {
  readonly status: number;
  readonly octets: string;
  /** What `octets` must be when the status is 200. */
  readonly wanted: string;
}

/** One way of using the gateway, by one client at a time. */
export interface Kind extends AsyncDisposable {
  readonly name: string;
  /** Between two exchanges. */
  readonly pauseMs: number;
  exchange(attempt: Attempt): Promise<Answer>;
}

/** What the application of the traffic answers: the nonce, a digest of the body, and filling. */
export function answerTo(nonce: string, size: number, body: Uint8Array | undefined): string {
  const digest = body === undefined ? '-' : createHash('sha256').update(body).digest('hex');
  return `${nonce} ${digest} ${nonce.repeat(size * 500)}`;
}
