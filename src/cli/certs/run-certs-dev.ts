import { orComplain } from '../complaint.ts';
import { keepDevCertificates } from '../../certificates/dev-certificates.ts';

export interface CertsOptions {
  readonly directory: string;
  /** DNS names or IP addresses. */
  readonly hosts: readonly string[];
}

/** 0: the certificates are there, made now or before. */
export function runCertsDev(options: CertsOptions): Promise<number> {
  return orComplain(() => keep(options));
}

async function keep({ directory, hosts }: CertsOptions): Promise<number> {
  const { caFile, isNew } = await keepDevCertificates(directory, hosts, Date.now());
  const verb = isNew ? 'made' : 'kept';
  process.stdout.write(`${verb}   ${directory}/tls.crt for ${hosts.join(', ')}
use    gateway: { certificates: [${directory}] }
trust  curl --cacert ${caFile} …   (a browser: import ${caFile} as an authority)
`);
  return 0;
}
