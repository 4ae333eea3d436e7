// First: it brings what the x509 library needs before that is loaded.
import type { IssuedCertificate, TestCa } from './certificates.ts';
import '../../../src/certificates/reflect-metadata.ts';
import { generateKeyPairSync, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** On RSA 2048 and for both usages, as Skupper issues them; the key in PKCS#8. */
export async function issueRsa(
  ca: TestCa,
  name: string,
  dnsNames: readonly string[] = [name],
): Promise<IssuedCertificate> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: ca.certificate.subject,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    publicKey: await webcrypto.subtle.importKey(
      'spki',
      publicKey.export({ type: 'spki', format: 'der' }),
      { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      true,
      ['verify'],
    ),
    signingKey: ca.privateKey,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        dnsNames.map((value) => ({ type: 'dns' as const, value })),
      ),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.clientAuth,
        x509.ExtendedKeyUsage.serverAuth,
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(ca.certificate),
    ],
  });
  const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { certPem: certificate.toString('pem'), keyPem };
}
