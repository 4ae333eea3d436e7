import { stringify } from 'yaml';

export interface LinkOptions {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** All PEM. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A link as `skupper link generate` prints it on Kubernetes: the Link first, then its Secret. */
export function linkYaml({ name, host, port, ca, cert, key }: LinkOptions): string {
  const endpoint = { group: 'skupper-router', host, name: 'normal', port: String(port) };
  const link = {
    apiVersion: 'skupper.io/v2alpha1',
    kind: 'Link',
    metadata: { name },
    spec: { cost: 1, endpoints: [endpoint], tlsCredentials: name },
  };
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/tls',
    data: { 'ca.crt': base64(ca), 'tls.crt': base64(cert), 'tls.key': base64(key) },
  };
  return [link, secret].map((each) => `---\n${stringify(each, { lineWidth: 0 })}`).join('');
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
