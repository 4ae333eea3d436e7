import { linkResource } from './policy-files.ts';

/** What one side of TLS has, as files hold it. */
export interface CredentialFiles {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export type CredentialRole = keyof CredentialFiles;

/** A place of the policy that certificates or keys are read at. */
export interface CredentialPlace {
  readonly name: string;
  /** What is read there. */
  readonly roles: readonly CredentialRole[];
  readonly isServer?: true;
  readonly files: (credentials: CredentialFiles) => Readonly<Record<string, string | Buffer>>;
}

const PROVIDERS = 'services: { web: { via: tcp, host: 127.0.0.1, port: 1 } }';
const NETWORK = 'host: west.example.com, port: 45671';
const EDGE = { name: 'edge', host: 'west.example.com', port: '45671' };

/** All of them: each certificate and key that the policy language can name. */
export const CREDENTIAL_PLACES: readonly CredentialPlace[] = [
  {
    name: 'a folder of gateway.certificates',
    roles: ['cert', 'key'],
    isServer: true,
    files: ({ cert, key }) => ({
      'web.yaml': policy('gateway: { certificates: [c] }'),
      'c/tls.crt': cert,
      'c/tls.key': key,
    }),
  },
  {
    name: 'a pair of files of gateway.certificates',
    roles: ['cert', 'key'],
    isServer: true,
    files: pairFiles('gateway: { certificates: [{ cert: c.pem, key: k.pem }] }'),
  },
  {
    name: 'gateway.defaultCertificate',
    roles: ['cert', 'key'],
    isServer: true,
    files: pairFiles('gateway: { defaultCertificate: { cert: c.pem, key: k.pem } }'),
  },
  {
    name: 'the Redis of gateway.store',
    roles: ['ca'],
    files: pairFiles('gateway: { store: { redis: "rediss://127.0.0.1:1", ca: ca.pem } }'),
  },
  {
    name: 'tls of a service in the network',
    roles: ['ca', 'cert', 'key'],
    files: pairFiles('services: { web: { tls: { ca: ca.pem, cert: c.pem, key: k.pem } } }'),
  },
  {
    name: 'tls of a service over TCP',
    roles: ['ca', 'cert', 'key'],
    files: pairFiles(
      'services: { web: { via: tcp, host: h, port: 1, tls: { ca: ca.pem, cert: c.pem, key: k.pem } } }',
    ),
  },
  {
    name: 'a link written out',
    roles: ['ca', 'cert', 'key'],
    files: pairFiles(`network: { link: { ${NETWORK}, ca: ca.pem, cert: c.pem, key: k.pem } }`),
  },
  {
    name: 'the Secret of a link file',
    roles: ['ca', 'cert', 'key'],
    files: (credentials) => ({
      'web.yaml': policy('network: { link: link.json }'),
      'link.json': `${JSON.stringify(secretOf(credentials))}\n${JSON.stringify(link())}`,
    }),
  },
  {
    name: 'the files beside a Link',
    roles: ['ca', 'cert', 'key'],
    files: (credentials) => ({
      'web.yaml': policy('network: { link: site }'),
      'site/link.json': JSON.stringify(link()),
      ...siteFiles(credentials),
    }),
  },
  {
    name: 'the files beside a connect.json',
    roles: ['ca', 'cert', 'key'],
    files: (credentials) => ({
      'web.yaml': policy('network: { link: site }'),
      'site/connect.json': JSON.stringify({ scheme: 'amqps', host: 'h', port: '5671' }),
      ...siteFiles(credentials),
    }),
  },
  {
    name: 'the certificate of an oidc client',
    roles: ['ca', 'cert', 'key'],
    files: pairFiles(
      `${PROVIDERS}\nproviders: { corp: { plugin: oidc, issuer: "https://idp.example.com", ca: ca.pem, client: { id: a, cert: c.pem, key: k.pem } } }`,
    ),
  },
  {
    name: 'the key of an oidc client',
    roles: ['key'],
    files: pairFiles(
      `${PROVIDERS}\nproviders: { corp: { plugin: oidc, issuer: "https://idp.example.com", client: { id: a, key: k.pem } } }`,
    ),
  },
  {
    name: 'the authorities of a jwt issuer',
    roles: ['ca'],
    files: pairFiles(
      `${PROVIDERS}\nproviders: { api: { plugin: jwt, issuer: "https://idp.example.com", audience: a, jwks: { ca: ca.pem } } }`,
    ),
  },
];

function policy(lines: string): string {
  const host = lines.includes('plugin: oidc') ? 'corp' : 'public';
  const auth = lines.includes('plugin: jwt') ? 'api' : host;
  const routes = `routes: { web: { host: app.example.com, service: web, auth: ${auth} } }`;
  return `version: 1\n${lines}\n${routes}\n`;
}

function pairFiles(lines: string): CredentialPlace['files'] {
  return ({ ca, cert, key }) => ({
    'web.yaml': policy(lines),
    'ca.pem': ca,
    'c.pem': cert,
    'k.pem': key,
  });
}

function siteFiles({ ca, cert, key }: CredentialFiles): Record<string, Buffer> {
  return { 'site/ca.crt': ca, 'site/tls.crt': cert, 'site/tls.key': key };
}

function link(): unknown {
  return linkResource('link-west', [EDGE]);
}

function secretOf({ ca, cert, key }: CredentialFiles): unknown {
  const data = { 'ca.crt': ca, 'tls.crt': cert, 'tls.key': key };
  const encoded = Object.entries(data).map(([name, octets]) => [name, octets.toString('base64')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'link-west' },
    data: Object.fromEntries(encoded) as unknown,
  };
}
