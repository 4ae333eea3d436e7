import type { Secret } from '../../core/secret.ts';

/** A certificate chain and its key, already read and checked to belong together. */
export interface CertificateSource {
  readonly certFile: string;
  readonly keyFile: string;
  readonly certPem: string;
  readonly keyPem: Secret;
  /** DNS names of the leaf, lower case, `*.` allowed in front. */
  readonly names: readonly string[];
}

export interface TlsClientCredentials {
  /** Undefined: the authorities that the system trusts. */
  readonly caPem: string | undefined;
  readonly certPem: string | undefined;
  readonly keyPem: Secret | undefined;
  readonly serverName: string | undefined;
}
