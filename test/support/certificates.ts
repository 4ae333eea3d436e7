export { issue, makeCa } from '../../src/demo/certificates.ts';
export type {
  CertificateAuthority as TestCa,
  IssuedCertificate,
  IssueOptions,
} from '../../src/demo/certificates.ts';
