export { issue, makeCa } from '../../../src/certificates/make-certificate.ts';
export type {
  CertificateAuthority as TestCa,
  IssuedCertificate,
  IssueOptions,
} from '../../../src/certificates/make-certificate.ts';
