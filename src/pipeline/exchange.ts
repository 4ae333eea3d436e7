import type { ExchangeId } from '../core/ids.ts';
import type { InboundRequest, ResponseSink } from '../core/message.ts';
import type { Refusal } from '../core/refusal.ts';
import type { PolicySnapshot } from '../policy/snapshot.ts';

/** One request's context from head to record. Stages read it; only `handle.ts` and `forward` write. */
export interface Exchange {
  readonly id: ExchangeId;
  readonly request: InboundRequest;
  readonly sink: ResponseSink;
  readonly policy: PolicySnapshot;
  /** Aborts when the client is gone, the exchange ran out of time, or the drain limit is reached. */
  readonly signal: AbortSignal;
  /** Released when the last octet is sent or the exchange fails: permits and the like. */
  readonly held: DisposableStack;
  /** What the record will say; filled on the way. */
  readonly notes: ExchangeNotes;
}

export interface ExchangeNotes {
  route: string | undefined;
  path: string | undefined;
  service: string | undefined;
  provider: string | undefined;
  subject: string | undefined;
  issuer: string | undefined;
  tenant: string | undefined;
  tier: string | undefined;
  refusal: Refusal | undefined;
  fault: string | undefined;
  faultDetail: string | undefined;
  upstreamStatus: number | undefined;
  retries: number;
  requestBytes: number;
}
