import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { CertificateAuthority } from './make-certificate.ts';

/** Certificates for a machine of one's own, kept so that a browser has to trust their authority once. */
export interface DevCertificates {
  /** A folder with tls.crt and tls.key, as `gateway.certificates` takes it. */
  readonly directory: string;
  /** PEM of the authority, for `curl --cacert` and for browsers. */
  readonly caFile: string;
  /** False: what was there serves on. */
  readonly isNew: boolean;
}

const DAY_MS = 86_400_000;
/** Browsers refuse server certificates that are valid for longer than 398 days; nobody has to remember this one. */
const LEAF_MS = 90 * DAY_MS;
/** Longer than the gateway warns before. */
const LEAF_RENEW_MS = 30 * DAY_MS;
/** A year: so long the authority has to be trusted again at most once a year. */
const CA_MS = 365 * DAY_MS;

/**
 * Makes an authority and a certificate for these names in `directory`, or keeps what is there while it names them all
 * and has 30 days left. The authority's key stays beside them with mode 0600: whoever has it can pose as any site to
 * those who trust it. Rejects with what the file system says.
 */
export async function keepDevCertificates(
  directory: string,
  names: readonly string[],
  nowMs: number,
): Promise<DevCertificates> {
  const caFile = join(directory, 'ca.crt');
  if (await isGood(directory, names, nowMs)) return { directory, caFile, isNew: false };
  // The library takes a tenth of a second to load, and most starts do not need it.
  const { issue } = await import('./make-certificate.ts');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const ca = await authority(directory, nowMs);
  const leaf = await issue(ca, { names, notAfter: new Date(nowMs + LEAF_MS) });
  await writeSecret(join(directory, 'tls.key'), leaf.keyPem);
  await writeFile(join(directory, 'tls.crt'), leaf.certPem);
  return { directory, caFile, isNew: true };
}

async function isGood(directory: string, names: readonly string[], nowMs: number) {
  const leaf = await certificateIn(join(directory, 'tls.crt'));
  const ca = await certificateIn(join(directory, 'ca.crt'));
  if (leaf === undefined || ca === undefined || !leaf.verify(ca.publicKey)) return false;
  if ((await read(join(directory, 'tls.key'))) === undefined) return false;
  const isNamed = (name: string) =>
    (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) !== undefined;
  return leaf.validToDate.getTime() - nowMs > LEAF_RENEW_MS && names.every(isNamed);
}

/** The one that is there, as long as it can sign for the whole life of a new certificate. */
async function authority(directory: string, nowMs: number): Promise<CertificateAuthority> {
  const { loadCa, makeCa } = await import('./make-certificate.ts');
  const certPem = await read(join(directory, 'ca.crt'));
  const keyPem = await read(join(directory, 'ca.key'));
  if (certPem !== undefined && keyPem !== undefined) {
    const ends = new X509Certificate(certPem).validToDate.getTime();
    if (ends - nowMs > LEAF_MS) return loadCa(certPem, keyPem);
  }
  const ca = await makeCa('Fairlead on this machine', new Date(nowMs + CA_MS));
  await writeSecret(join(directory, 'ca.key'), ca.keyPem);
  await writeFile(join(directory, 'ca.crt'), ca.certPem);
  return ca;
}

async function certificateIn(file: string): Promise<X509Certificate | undefined> {
  const pem = await read(file);
  try {
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** For the owner alone, also where the file was there before with another mode. */
async function writeSecret(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
  await chmod(file, 0o600);
}
