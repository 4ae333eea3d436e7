import './reflect-metadata.ts';
import { randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A certificate and its key as PEM, as files would hold them. */
export interface IssuedCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface CertificateAuthority extends IssuedCertificate {
  readonly certificate: x509.X509Certificate;
  readonly privateKey: webcrypto.CryptoKey;
}

export interface IssueOptions {
  /** DNS names or IP addresses; the first is also the common name. */
  readonly names: readonly string[];
  /** For TLS clients instead of servers. */
  readonly client?: boolean;
  /** URIs in the subject alternative name, such as spiffe ids. */
  readonly uris?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;

x509.cryptoProvider.set(webcrypto);

/** Longer than the gateway warns before (`EXPIRY_WARNING_DAYS`). */
const LIFE_MS = 30 * DAY_MS;

/** A self-signed ECDSA P-256 authority, valid from yesterday until `notAfter`, by default for 30 days. */
export async function makeCa(
  commonName = 'throw-away authority',
  notAfter = new Date(Date.now() + LIFE_MS),
): Promise<CertificateAuthority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: `CN=${commonName}`,
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate,
    privateKey: keys.privateKey,
    certPem: certificate.toString('pem'),
    keyPem: await pemOfKey(keys.privateKey),
  };
}

/** An authority from its files. Rejects when the key is not one of this module's. */
export async function loadCa(certPem: string, keyPem: string): Promise<CertificateAuthority> {
  const der = x509.PemConverter.decodeFirst(keyPem);
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, true, ['sign']);
  return { certificate: new x509.X509Certificate(certPem), privateKey, certPem, keyPem };
}

/** A leaf of the authority for TLS servers, or for clients when asked. */
export async function issue(
  ca: CertificateAuthority,
  options: IssueOptions,
): Promise<IssuedCertificate> {
  const keys = await newKeys();
  const usage = options.client
    ? x509.ExtendedKeyUsage.clientAuth
    : x509.ExtendedKeyUsage.serverAuth;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=${options.names[0]}`,
    issuer: ca.certificate.subject,
    notBefore: options.notBefore ?? new Date(Date.now() - DAY_MS),
    notAfter: options.notAfter ?? new Date(Date.now() + LIFE_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: ca.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.ExtendedKeyUsageExtension([usage]),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.SubjectAlternativeNameExtension(alternativeNames(options)),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate),
    ],
  });
  return { certPem: certificate.toString('pem'), keyPem: await pemOfKey(keys.privateKey) };
}

function alternativeNames(options: IssueOptions): x509.JsonGeneralNames {
  const names = options.names.map((value) => ({ type: isAddress(value) ? 'ip' : 'dns', value }));
  const uris = (options.uris ?? []).map((value) => ({ type: 'url', value }));
  return [...names, ...uris] as x509.JsonGeneralNames;
}

function isAddress(name: string): boolean {
  return /^[0-9.]+$|:/.test(name);
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function pemOfKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return x509.PemConverter.encode(der, 'PRIVATE KEY');
}

/** Positive and 127 bits long, so that DER never pads it. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}
