import { issue, makeCa } from '../src/certificates/make-certificate.ts';
import type { IssuedCertificate } from '../src/certificates/make-certificate.ts';

/** Two authorities, as in life: one that clients trust, and the one of the Skupper network. All PEM. */
export interface DemoCertificates {
  readonly web: { readonly ca: string; readonly server: IssuedCertificate };
  readonly network: {
    readonly ca: string;
    /** Of the router that the gateway connects to. */
    readonly server: IssuedCertificate;
    /** Of the router behind it, which connects to the first. */
    readonly farRouter: IssuedCertificate;
    /** The gateway as a client of the network, with a subject of its own. */
    readonly gateway: IssuedCertificate;
  };
}

/** A demo that runs longer than this wants a restart. */
const VALID_MS = 30 * 86_400_000;

/**
 * New ones at each start, because the keys of the authorities are never written: nobody can use an
 * authority of the demo, once trusted, to make certificates for other names.
 */
export async function makeDemoCertificates(hosts: readonly string[]): Promise<DemoCertificates> {
  const notAfter = new Date(Date.now() + VALID_MS);
  const web = await makeCa('Fairlead demo', notAfter);
  const network = await makeCa('Fairlead demo network', notAfter);
  const loopback = ['localhost', '127.0.0.1'];
  return {
    web: { ca: web.certPem, server: await issue(web, { names: hosts, notAfter }) },
    network: {
      ca: network.certPem,
      server: await issue(network, { names: loopback, notAfter }),
      farRouter: await issue(network, { names: ['router-b'], client: true, notAfter }),
      gateway: await issue(network, { names: ['fairlead-demo'], client: true, notAfter }),
    },
  };
}
