import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IssuedCertificate } from '../src/certificates/make-certificate.ts';
import { Child } from './child.ts';
import type { RouterPlace } from './processes/router.ts';

export const HOST = 'app.bench.test';
/** A gateway that is not ready by then will not be. */
const READY_MS = 30_000;

export interface GatewayOptions {
  /** The way into the network: lanes of router connections, or one of the router's tcpListeners. */
  readonly via: 'amqp' | 'tcp' | 'plain tcp';
  readonly router: RouterPlace;
  readonly routingKey: string;
  readonly certificate: IssuedCertificate;
  /** The checkout whose gateway it is; default: this one. */
  readonly root?: string | undefined;
}

/** `fairlead run` in a process of its own with a policy set of its own. */
export class GatewayProcess {
  readonly child: Child;
  readonly httpsPort: number;

  private constructor(child: Child, httpsPort: number) {
    this.child = child;
    this.httpsPort = httpsPort;
  }

  /** Resolves when the gateway says that it is ready. Process and policy set go into `held` at once. */
  static async start(held: AsyncDisposableStack, options: GatewayOptions): Promise<GatewayProcess> {
    const directory = held.adopt(await mkdtemp(join(tmpdir(), 'fairlead-bench-')), remove);
    await writeSet(directory, options);
    const ports = Promise.withResolvers<Ports>();
    const child = held.use(
      new Child({
        name: `gateway (${options.via})`,
        script: 'src/main.ts',
        ...(options.root === undefined ? {} : { root: options.root }),
        args: ['run', directory],
        preload: 'bench/processes/probe.ts',
        onLine: (line) => readPorts(line, ports.resolve),
      }),
    );
    const { httpsPort, adminPort } = await withinReadyLimit(child.unlessEnded(ports.promise));
    await whenReady(adminPort);
    return new GatewayProcess(child, httpsPort);
  }
}

function remove(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true });
}

interface Ports {
  readonly httpsPort: number;
  readonly adminPort: number;
}

/** Every safety feature stays on: the limits are the defaults, and access lines are written. */
async function writeSet(directory: string, options: GatewayOptions): Promise<void> {
  const { ca, cert, key } = options.router;
  const { certPem, keyPem } = options.certificate;
  await writePair(join(directory, 'certs'), { ca: '', cert: certPem, key: keyPem });
  await writePair(join(directory, 'router'), { ca, cert, key });
  await writeFile(join(directory, 'gateway.yaml'), policyText(options));
}

async function writePair(
  folder: string,
  { ca, cert, key }: { readonly ca: string; readonly cert: string; readonly key: string },
): Promise<void> {
  await mkdir(folder);
  if (ca !== '') await writeFile(join(folder, 'ca.crt'), ca);
  await writeFile(join(folder, 'tls.crt'), cert);
  await writeFile(join(folder, 'tls.key'), key, { mode: 0o600 });
}

const ROUTER_FILES = 'ca: router/ca.crt, cert: router/tls.crt, key: router/tls.key';

function policyText({ via, router, routingKey }: GatewayOptions): string {
  const lines = [
    'version: 1',
    'gateway:',
    '  listen: { https: "127.0.0.1:0" }',
    '  admin: { listen: "127.0.0.1:0" }',
    '  certificates: [certs]',
    '  drain: { delay: 0s, limit: 1s }',
    `routes: { app: { host: ${HOST}, service: app, auth: public } }`,
  ];
  const link = `{ host: 127.0.0.1, port: ${router.amqpPort}, ${ROUTER_FILES} }`;
  const viaTcp = 'via: tcp, host: 127.0.0.1';
  const way = {
    amqp: [`services: { app: { address: "${routingKey}" } }`, `network: { link: ${link} }`],
    tcp: [`services: { app: { ${viaTcp}, port: ${router.tcpPort}, tls: { ${ROUTER_FILES} } } }`],
    'plain tcp': [`services: { app: { ${viaTcp}, port: ${router.plainTcpPort} } }`],
  };
  return [...lines, ...way[via], ''].join('\n');
}

/** Standard error has JSON lines of the log; anything else is an error of the set, and is shown. */
function readPorts(line: string, found: (ports: Ports) => void): void {
  if (!line.startsWith('{')) {
    process.stderr.write(`${line}\n`);
    return;
  }
  const { https_port: httpsPort, admin_port: adminPort } = JSON.parse(line) as LogLine;
  if (httpsPort !== undefined && adminPort !== undefined) found({ httpsPort, adminPort });
}

interface LogLine {
  readonly https_port?: number;
  readonly admin_port?: number;
}

async function whenReady(adminPort: number): Promise<void> {
  const end = performance.now() + READY_MS;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
    const reason = await response.text();
    if (response.ok) return;
    if (performance.now() > end) throw new Error(`the gateway is not ready: ${reason}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function withinReadyLimit<Value>(promise: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const sentence = 'the gateway did not start; its message, if any, is above';
  const limit = setTimeout(() => reject(new Error(sentence)), READY_MS);
  return Promise.race([promise, late]).finally(() => clearTimeout(limit));
}
