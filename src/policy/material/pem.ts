import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { pemLabels, wrongForm } from './file-form.ts';
import type { IssueCode } from '../issues/issue-codes.ts';
import type { PemTrouble } from './pem-trouble.ts';

export type PemResult<T> =
  | { readonly kind: 'ok'; readonly value: T }
  | { readonly kind: 'trouble'; readonly trouble: PemTrouble };

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
/** No chain in use is longer; a bundle of authorities may hold some hundreds. */
const MAX_CERTIFICATES = 1000;

/** All certificates of a PEM file, at least one. */
export function readCertificates(pem: string): PemResult<readonly X509Certificate[]> {
  const begun = pemLabels(pem).filter((label) => label === 'CERTIFICATE').length;
  if (begun === 0) return { kind: 'trouble', trouble: wrongForm(pem, 'certificate') };
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length < begun) return trouble('E205', 'is cut off: a certificate has no END line');
  if (blocks.length > MAX_CERTIFICATES) return trouble('E205', 'holds too many certificates');
  try {
    return { kind: 'ok', value: blocks.map((block) => new X509Certificate(block)) };
  } catch {
    return trouble('E205', 'holds a certificate that is damaged');
  }
}

export function readPrivateKey(pem: string): PemResult<KeyObject> {
  const label = pemLabels(pem).find((one) => one.endsWith('PRIVATE KEY'));
  if (label === undefined || label === 'OPENSSH PRIVATE KEY') {
    return { kind: 'trouble', trouble: wrongForm(pem, 'private key') };
  }
  if (/ENCRYPTED/.test(pem)) return { kind: 'trouble', trouble: ENCRYPTED_KEY };
  if (!pem.includes(`-----END ${label}-----`)) {
    return trouble('E205', 'is cut off: the private key has no END line');
  }
  try {
    return { kind: 'ok', value: createPrivateKey(pem) };
  } catch {
    return trouble('E205', 'holds a private key that is damaged');
  }
}

const ENCRYPTED_KEY: PemTrouble = {
  code: 'E205',
  reason: 'holds an encrypted key, wanted one without a passphrase',
  convert: (file) => `openssl pkey -in ${file} -out ${file}.pem`,
};

/** Files joined without a line break in between. */
const GLUED = /-----END CERTIFICATE-----[ \t]*-----BEGIN/;

const CURVES = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/**
 * What TLS itself would refuse when the pair is put to use, told while nothing has been changed yet: an
 * authority in the chain with a weak key, for one.
 */
export function checkUsable(certPem: string, keyPem: string): PemTrouble | undefined {
  if (GLUED.test(certPem)) {
    return { code: 'E205', reason: 'lacks a line break between two certificates' };
  }
  try {
    createSecureContext({ cert: certPem, key: keyPem, minVersion: 'TLSv1.2' });
    return undefined;
  } catch (error) {
    const { reason } = error as { readonly reason?: unknown };
    const why = typeof reason === 'string' ? reason : 'no reason given';
    return { code: 'E205', reason: `cannot be used for TLS: ${why}` };
  }
}

/** H7: RSA of 2048 bits, ECDSA on P-256 or better, SHA-256 or better. */
export function checkStrength(certificate: X509Certificate): PemTrouble | undefined {
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  const bits = asymmetricKeyDetails?.modulusLength ?? 0;
  const curve = asymmetricKeyDetails?.namedCurve ?? '';
  if (asymmetricKeyType?.startsWith('rsa') === true) {
    return bits >= 2048
      ? weakSignature(certificate)
      : weak(`has an RSA key of ${bits} bits, wanted 2048 or more`);
  }
  if (asymmetricKeyType === 'ec') {
    return CURVES.has(curve)
      ? weakSignature(certificate)
      : weak(`has a key on ${curve}, wanted P-256, P-384 or P-521`);
  }
  return weak(`has a key of type ${String(asymmetricKeyType)}, wanted RSA or ECDSA`);
}

function weakSignature(certificate: X509Certificate): PemTrouble | undefined {
  const { signatureAlgorithm = '' } = certificate as { signatureAlgorithm?: string };
  if (!/sha1|md5|md2|sha-1/i.test(signatureAlgorithm)) return undefined;
  return weak(`is signed with ${signatureAlgorithm}, wanted SHA-256 or better`);
}

function weak(reason: string): PemTrouble {
  return { code: 'E207', reason };
}

const DNS_NAME = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/** DNS names of the subjectAltName, lower case. Names of any other form are left out. */
export function dnsNamesOf(certificate: X509Certificate): readonly string[] {
  return (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((part) => part.startsWith('DNS:'))
    .map((part) => part.slice('DNS:'.length).toLowerCase())
    .filter((name) => DNS_NAME.test(name));
}

function trouble<T>(code: IssueCode, reason: string): PemResult<T> {
  return { kind: 'trouble', trouble: { code, reason } };
}
