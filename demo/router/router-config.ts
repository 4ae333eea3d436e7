import { join } from 'node:path';

interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface RouterCertificates {
  readonly ca: string;
  /** Of the near router's listeners. */
  readonly near: Pair;
  /** With it the far router connects to the near one. */
  readonly far: Pair;
}

/** Files, by name, that the configurations expect in their folder. They hold keys: mode 0600. */
export function routerFiles({
  ca,
  near,
  far,
}: RouterCertificates): Readonly<Record<string, string>> {
  return {
    'ca.crt': ca,
    'server.crt': near.cert,
    'server.key': near.key,
    'router.crt': far.cert,
    'router.key': far.key,
  };
}

export interface NearRouterOptions {
  /** Where the `routerFiles` are. */
  readonly folder: string;
  /** Port of the listener for the gateway. */
  readonly amqp: number;
  /** Its role. Default normal. */
  readonly role?: 'normal' | 'edge';
  /** Port on which the far router connects. */
  readonly interior: number;
  /** Entities of a vhost policy, and the vhost that the gateway's listener belongs to. */
  readonly policy?: { readonly vhost: string; readonly entities: readonly unknown[] } | undefined;
  /** Routing key → port of a `tcpListener` with mutual TLS. */
  readonly tcpListeners?: ReadonlyMap<string, number>;
  /** Routing key → port of a `tcpListener` without TLS. */
  readonly plainTcpListeners?: ReadonlyMap<string, number>;
}

/** Configuration of a skrouterd as a site has it that the gateway is a client of. Mutual TLS everywhere. */
export function nearRouter(options: NearRouterOptions): string {
  const {
    folder,
    amqp,
    interior,
    role = 'normal',
    policy,
    tcpListeners = new Map<string, number>(),
    plainTcpListeners = new Map<string, number>(),
  } = options;
  const secure = {
    host: '127.0.0.1',
    sslProfile: 'server',
    saslMechanisms: 'EXTERNAL',
    authenticatePeer: true,
    requireSsl: true,
  };
  const confined = policy === undefined ? {} : { policyVhost: policy.vhost };
  return JSON.stringify([
    router('A'),
    sslProfile(folder, 'server'),
    ['listener', { name: 'amqps', role, port: String(amqp), ...secure, ...confined }],
    ['listener', { name: 'interior', role: 'inter-router', port: String(interior), ...secure }],
    ...[...tcpListeners].map(([address, port]) => tcpListener(address, port)),
    ...[...plainTcpListeners].map(([address, port]) => plainTcpListener(address, port)),
    ...(policy?.entities ?? []),
    LOG,
  ]);
}

export interface FarRouterOptions {
  readonly folder: string;
  readonly interior: number;
  /** Port for management without authentication. Default: none. */
  readonly management?: number;
  /** Routing key → port of the application on the loopback. */
  readonly tcpConnectors?: ReadonlyMap<string, number>;
}

/** Configuration of a skrouterd as the site has it where the applications run. */
export function farRouter(options: FarRouterOptions): string {
  const { folder, interior, management, tcpConnectors = new Map<string, number>() } = options;
  const near = { role: 'inter-router', host: 'localhost', port: String(interior) };
  return JSON.stringify([
    router('B'),
    sslProfile(folder, 'router'),
    ['connector', { name: 'a', ...near, sslProfile: 'router', saslMechanisms: 'EXTERNAL' }],
    ...(management === undefined ? [] : [managementListener(management)]),
    ...[...tcpConnectors].map(([address, port]) => tcpConnector(address, port)),
    LOG,
  ]);
}

const LOG = ['log', { module: 'DEFAULT', enable: 'info+', outputFile: 'stderr' }];

function router(id: string): unknown {
  return ['router', { id, mode: 'interior', helloMaxAgeSeconds: '3' }];
}

function sslProfile(folder: string, name: string): unknown {
  const certFile = join(folder, `${name}.crt`);
  const privateKeyFile = join(folder, `${name}.key`);
  return ['sslProfile', { name, caCertFile: join(folder, 'ca.crt'), certFile, privateKeyFile }];
}

function tcpListener(address: string, port: number): unknown {
  const at = { name: `tcp-${address}`, host: '127.0.0.1', port: String(port), address };
  return ['tcpListener', { ...at, siteId: 'a', sslProfile: 'server', authenticatePeer: true }];
}

function plainTcpListener(address: string, port: number): unknown {
  const at = { name: `plain-${address}`, host: '127.0.0.1', port: String(port), address };
  return ['tcpListener', { ...at, siteId: 'a' }];
}

function tcpConnector(address: string, port: number): unknown {
  const to = { name: `to-${address}`, host: '127.0.0.1', port: String(port), address };
  return ['tcpConnector', { ...to, siteId: 'b' }];
}

function managementListener(port: number): unknown {
  const at = { name: 'management', role: 'normal', host: '127.0.0.1', port: String(port) };
  return ['listener', { ...at, saslMechanisms: 'ANONYMOUS' }];
}
