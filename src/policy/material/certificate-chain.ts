import type { KeyObject, X509Certificate } from 'node:crypto';
import type { CertificateTerm } from '../../core/certificate-term.ts';
import { termTrouble } from '../../core/certificate-term.ts';
import type { PemTrouble } from './pem-trouble.ts';

export interface PairTrouble {
  /** Which of the two files it is about. */
  readonly file: 'certificate' | 'key';
  readonly trouble: PemTrouble;
}

/** The private key must belong to the first certificate of the file: TLS sends it as the leaf. */
export function checkPair(
  chain: readonly X509Certificate[],
  key: KeyObject,
): PairTrouble | undefined {
  const at = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (at === 0) return undefined;
  if (at === -1) {
    const reason = `does not belong to the certificate, which is for ${nameOf(chain[0]!)}`;
    return { file: 'key', trouble: { code: 'E206', reason } };
  }
  const reason =
    `has the certificate of the key, ${nameOf(chain[at]!)}, at place ${at + 1}; ` +
    'wanted it first, then the certificates that issued it';
  return { file: 'certificate', trouble: { code: 'E217', reason } };
}

/** Certificates after the leaf that issued nothing in the chain: clients get them for nothing. */
export function strangersIn(chain: readonly X509Certificate[]): PemTrouble | undefined {
  const members = new Set(chain.slice(0, 1));
  // A Set gives what is added to it while it is walked.
  for (const member of members) {
    for (const other of chain)
      if (isSame(other, member) || issued(other, member)) members.add(other);
  }
  const strangers = chain.filter((certificate) => !members.has(certificate));
  if (strangers.length === 0) return undefined;
  const names = strangers.slice(0, 3).map(nameOf).join('; ');
  return { code: 'W312', reason: `holds what is not part of the certificate's chain: ${names}` };
}

function issued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  // checkIssued compares names and key identifiers; two authorities of one name differ in the signature.
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isSame(a: X509Certificate, b: X509Certificate): boolean {
  return a.fingerprint256 === b.fingerprint256;
}

export type Term = Pick<CertificateTerm, 'notBeforeMs' | 'notAfterMs'>;

/** A chain is as good as its worst member: from when on, and until when, all of it is valid. */
export function termOfChain(chain: readonly X509Certificate[]): Term {
  return {
    notBeforeMs: Math.max(...chain.map(({ validFromDate }) => validFromDate.getTime())),
    notAfterMs: Math.min(...chain.map(({ validToDate }) => validToDate.getTime())),
  };
}

/** Authorities stand beside each other, the old beside the new: until when one of them is valid. */
export function termOfAuthorities(authorities: readonly X509Certificate[]): Term {
  return {
    notBeforeMs: Math.min(...authorities.map(({ validFromDate }) => validFromDate.getTime())),
    notAfterMs: Math.max(...authorities.map(({ validToDate }) => validToDate.getTime())),
  };
}

/** Expired, not valid yet, or soon to end: one warning for a file, the worst of its certificates. */
export function validityTrouble(term: CertificateTerm, nowMs: number): PemTrouble | undefined {
  const reason = termTrouble(term, nowMs);
  if (reason === undefined) return undefined;
  const isUsable = term.notBeforeMs <= nowMs && nowMs < term.notAfterMs;
  return { code: isUsable ? 'W311' : 'W310', reason };
}

/** One line, short, whatever the certificate says. */
function nameOf(certificate: X509Certificate): string {
  return certificate.subject.replaceAll('\n', ', ').slice(0, 100) || 'no subject';
}
