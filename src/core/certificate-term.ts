/** When a certificate of the policy, or the first of its chain to end, can be used. */
export interface CertificateTerm {
  /** The place in the policy that names it, such as `gateway.certificates[0]`. */
  readonly place: string;
  /** As shown to the operator. */
  readonly file: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const DAY_MS = 86_400_000;
/**
 * From here on `check`, the log at each load, and readiness warn. Tools that renew do so a third of the life
 * before the end, 30 days for most; two weeks say that it did not happen and leave time to act.
 */
const EXPIRY_WARNING_DAYS = 14;

/** Whole days until the end, rounded down; negative once it has passed. */
export function daysLeft({ notAfterMs }: CertificateTerm, nowMs: number): number {
  return Math.floor((notAfterMs - nowMs) / DAY_MS);
}

/** The rest of a sentence that begins with the certificate; undefined while there is nothing to say. */
export function termTrouble(term: CertificateTerm, nowMs: number): string | undefined {
  const { notBeforeMs, notAfterMs } = term;
  if (notAfterMs <= nowMs) return `expired on ${dateText(notAfterMs)}`;
  if (notBeforeMs > nowMs)
    return `is not valid before ${dateText(notBeforeMs)}, and it is ${dateText(nowMs)} here`;
  const days = daysLeft(term, nowMs);
  if (days >= EXPIRY_WARNING_DAYS) return undefined;
  return `expires in ${countedDays(days)}, on ${dateText(notAfterMs)}`;
}

function countedDays(days: number): string {
  if (days === 0) return 'less than a day';
  return days === 1 ? '1 day' : `${days} days`;
}

/** `2026-11-28 21:00 UTC` */
function dateText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
