export { issue, makeCa } from '../../../demo/certificates.ts';
export type {
  CertificateAuthority as TestCa,
  IssuedCertificate,
  IssueOptions,
} from '../../../demo/certificates.ts';
