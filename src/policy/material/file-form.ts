import { X509Certificate, createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { PemTrouble } from './pem-trouble.ts';

export type Wanted = 'certificate' | 'private key';

const LABEL = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g;

/** Labels of the PEM blocks of a text, `CERTIFICATE` for one. */
export function pemLabels(text: string): readonly string[] {
  return [...text.matchAll(LABEL)].map(([, label]) => label!);
}

/** What a file holds that is not the PEM that is wanted, with the command that makes it so. */
export function wrongForm(text: string, wanted: Wanted): PemTrouble {
  if (text.trim() === '') return trouble('is empty', wanted);
  const labels = pemLabels(text);
  if (labels.length > 0) return otherBlocks(labels, wanted);
  return binaryForm(Buffer.from(text, 'latin1'), wanted) ?? trouble(`holds no ${wanted} in PEM`);
}

function otherBlocks(labels: readonly string[], wanted: Wanted): PemTrouble {
  const reason = `holds no ${wanted} in PEM, found ${[...new Set(labels)].map(plainName).join(', ')}`;
  const convert = wanted === 'certificate' ? CERTIFICATE_COMMANDS[labels[0]!] : undefined;
  return trouble(reason, undefined, convert);
}

type Convert = (file: string) => string;

const CERTIFICATE_COMMANDS: Readonly<Record<string, Convert>> = {
  PKCS7: (file) => `openssl pkcs7 -in ${file} -print_certs -out ${file}.pem`,
  'TRUSTED CERTIFICATE': (file) => `openssl x509 -in ${file} -out ${file}.pem`,
};

const PLAIN_NAMES: Readonly<Record<string, string>> = {
  CERTIFICATE: 'a certificate',
  'CERTIFICATE REQUEST': 'a certificate request',
  'NEW CERTIFICATE REQUEST': 'a certificate request',
  'PUBLIC KEY': 'a public key',
  'OPENSSH PRIVATE KEY': 'a private key of OpenSSH',
};

function plainName(label: string): string {
  if (PLAIN_NAMES[label] !== undefined) return PLAIN_NAMES[label];
  return label.endsWith('PRIVATE KEY') ? 'a private key' : label;
}

function binaryForm(octets: Buffer, wanted: Wanted): PemTrouble | undefined {
  if (isUtf16(octets)) {
    return trouble('is UTF-16 text', wanted, (file) => `iconv -f UTF-16 -t UTF-8 ${file}`);
  }
  if (isCertificate(octets)) {
    return trouble('is a certificate in DER', wanted, commandFor('certificate', wanted, 'x509'));
  }
  if (isPrivateKey(octets)) {
    return trouble('is a private key in DER', wanted, commandFor('private key', wanted, 'pkey'));
  }
  if (!isPkcs12(octets)) return undefined;
  const part = wanted === 'certificate' ? '-nokeys' : '-nocerts -noenc';
  return trouble('is a PKCS#12 file', wanted, (file) => {
    return `openssl pkcs12 -in ${file} ${part} -out ${file}.pem`;
  });
}

/** A certificate where a key is wanted becomes none by being converted. */
function commandFor(found: Wanted, wanted: Wanted, command: string): Convert | undefined {
  if (found !== wanted) return undefined;
  return (file) => `openssl ${command} -inform DER -in ${file} -out ${file}.pem`;
}

function isUtf16(octets: Buffer): boolean {
  const mark = octets.subarray(0, 2).toString('hex');
  return mark === 'fffe' || mark === 'feff';
}

function isCertificate(octets: Buffer): boolean {
  return succeeds(() => new X509Certificate(octets));
}

function isPrivateKey(octets: Buffer): boolean {
  const types = ['pkcs8', 'pkcs1', 'sec1'] as const;
  return types.some((type) =>
    succeeds(() => createPrivateKey({ key: octets, format: 'der', type })),
  );
}

/** OpenSSL reads the outside before it asks for the passphrase, which nobody has given here. */
function isPkcs12(octets: Buffer): boolean {
  try {
    createSecureContext({ pfx: octets });
    return true;
  } catch (error) {
    return /mac verify failure|password/i.test((error as Error).message);
  }
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function trouble(found: string, wanted?: Wanted, convert?: Convert): PemTrouble {
  const reason = wanted === undefined ? found : `${found}, wanted a ${wanted} in PEM`;
  return { code: 'E205', reason, ...(convert !== undefined && { convert }) };
}
