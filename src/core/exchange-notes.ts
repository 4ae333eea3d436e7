import type { Refusal, RefusalReason } from './refusal.ts';

/** What the record will say of an exchange: the stages fill it on the way. */
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
  /** A page of ours said no in its own words. */
  pageReason: RefusalReason | undefined;
  fault: string | undefined;
  faultDetail: string | undefined;
  upstreamStatus: number | undefined;
  retries: number;
  requestBytes: number;
}

/** Of an exchange that no stage has touched, or of an attempt that the listener refused. */
export function emptyNotes(refusal?: Refusal): ExchangeNotes {
  return {
    route: undefined,
    path: undefined,
    service: undefined,
    provider: undefined,
    subject: undefined,
    issuer: undefined,
    tenant: undefined,
    tier: undefined,
    refusal,
    pageReason: undefined,
    fault: undefined,
    faultDetail: undefined,
    upstreamStatus: undefined,
    retries: 0,
    requestBytes: 0,
  };
}
