import type { CertificateStatus } from '../../admin/admin-sources.ts';
import type { CertificateTerm } from '../../core/certificate-term.ts';
import { daysLeft } from '../../core/certificate-term.ts';

/** For `/-/config`: the first to end comes first. */
export function certificateStatuses(
  terms: readonly CertificateTerm[],
  nowMs: number,
): readonly CertificateStatus[] {
  return terms
    .toSorted((a, b) => a.notAfterMs - b.notAfterMs)
    .map((term) => ({
      place: term.place,
      file: term.file,
      notBefore: new Date(term.notBeforeMs).toISOString(),
      notAfter: new Date(term.notAfterMs).toISOString(),
      daysLeft: daysLeft(term, nowMs),
    }));
}
