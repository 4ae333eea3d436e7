// First: it brings what the x509 library needs before that is loaded.
import { issue, makeCa } from '../tools/certificates.ts';
import '../../../src/certificates/reflect-metadata.ts';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as x509 from '@peculiar/x509';
import type { IssuedCertificate, TestCa } from '../tools/certificates.ts';

/** Certificates, keys and link files that policies of tests name, by path below the policy directory. */
export type PolicyFiles = Readonly<Record<string, string>>;

const LONG_AGO = new Date('2021-01-01T00:00:00Z');

/** Fresh ones, so that no private key lies in the repository. Slow (RSA): make them once a file. */
export async function makePolicyFiles(): Promise<PolicyFiles> {
  const ca = await makeCa();
  const client = await issue(ca, { names: ['fairlead'], client: true });
  const app = await issue(ca, { names: ['app.example.com', '*.example.org'] });
  const weak = await weakCertificate();
  return {
    'certs/ca.crt': ca.certPem,
    ...pair('certs/app', app),
    ...pair(
      'certs/other',
      await issue(ca, { names: ['billing.example.com', 'legacy.example.com'] }),
    ),
    ...pair('certs/client', client),
    ...pair('certs/nameless', await issue(ca, { names: ['127.0.0.1'] })),
    ...pair('certs/weak', weak),
    ...pair('certs/ca-first', { ...app, certPem: `${ca.certPem}\n${app.certPem}` }),
    ...pair('certs/stranger', { ...app, certPem: `${app.certPem}\n${client.certPem}` }),
    ...pair('certs/expired', await issue(ca, { names: ['app.example.com'], notAfter: LONG_AGO })),
    ...pair('certs/weak-chain', { ...app, certPem: `${app.certPem}\n${weak.certPem}` }),
    ...pair('certs/damaged', { ...app, certPem: app.certPem.replace(/\n.{20}/, '\n') }),
    ...pair('certs/encrypted', { ...app, keyPem: encryptedKey() }),
    ...linkFiles(ca, client),
  };
}

/** Copies a directory beside the files into a folder of its own; `remove` deletes it. */
export async function policyFolder(
  source: string | PolicyFiles,
  files: PolicyFiles,
): Promise<{ readonly root: string; readonly remove: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'fairlead-policy-'));
  const directory = join(root, 'policies');
  if (typeof source === 'string') await cp(source, directory, { recursive: true });
  const written = typeof source === 'string' ? files : { ...files, ...source };
  for (const [path, text] of Object.entries(written)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
  return { root, remove: () => rm(root, { recursive: true, force: true }) };
}

function pair(folder: string, { certPem, keyPem }: IssuedCertificate): PolicyFiles {
  return { [`${folder}/tls.crt`]: certPem, [`${folder}/tls.key`]: keyPem };
}

function encryptedKey(): string {
  return generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
  }).privateKey;
}

/** RSA of 1024 bits, which H7 refuses. */
async function weakCertificate(): Promise<IssuedCertificate> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 1024,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=weak.example.com',
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'weak.example.com' }]),
    ],
  });
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certPem: certificate.toString('pem'),
    keyPem: x509.PemConverter.encode(der, 'PRIVATE KEY'),
  };
}

function linkFiles(ca: TestCa, client: IssuedCertificate): PolicyFiles {
  const secret = secretResource('link-west', ca.certPem, client);
  const edge = { name: 'edge', host: 'west.example.com', port: '45671' };
  const interRouter = { name: 'inter-router', host: 'west.example.com', port: '55671' };
  const token = { apiVersion: 'skupper.io/v2alpha1', kind: 'AccessToken', spec: { code: 'c' } };
  return {
    'secrets/link.json': listOf(linkResource('link-west', [interRouter, edge]), secret),
    'secrets/inter-router.json': listOf(linkResource('link-west', [interRouter]), secret),
    'secrets/no-secret.json': JSON.stringify(linkResource('link-lost', [edge])),
    'secrets/token.json': JSON.stringify(token),
  };
}

function listOf(...items: unknown[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** As `skupper link generate` writes it. */
export function linkResource(name: string, endpoints: readonly unknown[]): unknown {
  return {
    apiVersion: 'skupper.io/v2alpha1',
    kind: 'Link',
    metadata: { name },
    spec: { cost: 1, endpoints, tlsCredentials: name },
  };
}

export function secretResource(name: string, caPem: string, client: IssuedCertificate): unknown {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, annotations: { extra: 'ignored' } },
    data: {
      'ca.crt': base64(caPem),
      'tls.crt': base64(client.certPem),
      'tls.key': base64(client.keyPem),
      'connect.json': base64('{}'),
    },
  };
}
