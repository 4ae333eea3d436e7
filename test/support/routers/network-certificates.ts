import type { IssuedCertificate } from '../tools/certificates.ts';
import { issueRsa } from '../tools/rsa-certificate.ts';
import { issue, makeCa } from '../tools/certificates.ts';

/** Certificates of a small network: routers that serve and connect, and a client with its own subject. */
export interface NetworkCertificates {
  readonly ca: string;
  readonly server: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly router: { readonly cert: string; readonly key: string };
  /** One pair for a router's listeners and connectors, as a Skupper site has it. */
  readonly siteRouter: { readonly cert: string; readonly key: string };
  /** Another client of the same network. */
  readonly issueClient: (name: string) => Promise<IssuedCertificate>;
  readonly client: { readonly cert: string; readonly key: string; readonly ca: string };
}

let made: Promise<NetworkCertificates> | undefined;

/** Issued once a process. */
export function networkCertificates(): Promise<NetworkCertificates> {
  made ??= make();
  return made;
}

async function make(): Promise<NetworkCertificates> {
  const ca = await makeCa('test network');
  const server = await issue(ca, { names: ['localhost', '127.0.0.1'] });
  const router = await issue(ca, { names: ['router-b'], client: true });
  const siteRouter = await issueRsa(ca, 'site-router', ['localhost']);
  const client = await issue(ca, { names: ['fairlead-test'], client: true });
  return {
    ca: ca.certPem,
    issueClient: (name) => issue(ca, { names: [name], client: true }),
    server: { cert: server.certPem, key: server.keyPem, ca: ca.certPem },
    siteRouter: { cert: siteRouter.certPem, key: siteRouter.keyPem },
    router: { cert: router.certPem, key: router.keyPem },
    client: { cert: client.certPem, key: client.keyPem, ca: ca.certPem },
  };
}
