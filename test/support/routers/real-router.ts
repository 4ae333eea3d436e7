import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { farRouter, nearRouter, routerFiles } from '../../../demo/router/router-config.ts';
import type { BackendAddress } from '../../../standin/connector-table.ts';
import { FrameClient, type FrameClientOptions } from './frame-client.ts';
import { isListening } from '../gateway/listening-port.ts';
import { networkCertificates } from './network-certificates.ts';
import type { RouterOptions, RunningRouter } from './running-router.ts';
import { createEntity, deleteEntity } from './router-management.ts';
import { routerPort } from './router-port.ts';
import { waitUntil } from '../tools/wait-until.ts';

/** A pair of routers needs some seconds to start and to learn each other's addresses. */
const START_LIMIT_MS = 30_000;

/**
 * Interior routers A (the client's side: normal listener and tcpListeners, mutual TLS) and B
 * (tcpConnectors), linked over mutual TLS, as in the measurements of the wire contract.
 */
export async function startRealRouters(
  skrouterd: string,
  options: RouterOptions,
): Promise<RunningRouter> {
  const pair = await RouterPair.prepare(skrouterd, options);
  try {
    await pair.start();
    for (const [key, backend] of Object.entries(options.connectors ?? {})) {
      await pair.addConnector(key, ...[backend].flat());
    }
    return pair;
  } catch (error) {
    // Routers left behind would keep the test's process from ending.
    await pair.stop();
    throw error;
  }
}

class RouterPair implements RunningRouter {
  readonly kind = 'skrouterd';
  readonly standin = undefined;
  readonly link: FrameClientOptions;
  readonly #skrouterd: string;
  readonly #folder: string;
  readonly #managementPort: number;
  readonly #tcpPorts: ReadonlyMap<string, number>;
  readonly #plainTcpPorts: ReadonlyMap<string, number>;
  /** Routing key → names of its connectors. */
  readonly #connectors = new Map<string, readonly string[]>();
  #profiles = 0;
  #a: ChildProcess | undefined;
  #b: ChildProcess | undefined;

  private constructor(parts: {
    readonly link: FrameClientOptions;
    readonly skrouterd: string;
    readonly folder: string;
    readonly managementPort: number;
    readonly tcpPorts: ReadonlyMap<string, number>;
    readonly plainTcpPorts: ReadonlyMap<string, number>;
  }) {
    this.link = parts.link;
    this.#skrouterd = parts.skrouterd;
    this.#folder = parts.folder;
    this.#managementPort = parts.managementPort;
    this.#tcpPorts = parts.tcpPorts;
    this.#plainTcpPorts = parts.plainTcpPorts;
  }

  static async prepare(skrouterd: string, options: RouterOptions): Promise<RouterPair> {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-routers-'));
    const certificates = await networkCertificates();
    const [amqp, interior, managementPort] = [
      await routerPort(),
      await routerPort(),
      await routerPort(),
    ];
    const tcpPorts = await portFor(options.tcpListeners);
    const plainTcpPorts = await portFor(options.plainTcpListeners);
    const { role = 'normal', policy } = options;
    const listeners = { tcpListeners: tcpPorts, plainTcpListeners: plainTcpPorts };
    const near = nearRouter({ folder, amqp, interior, role, policy, ...listeners });
    const far = farRouter({ folder, interior, management: managementPort });
    const files = routerFiles({
      ca: certificates.ca,
      near: certificates.server,
      far: certificates.router,
    });
    for (const [name, text] of Object.entries({ ...files, 'a.json': near, 'b.json': far })) {
      await writeFile(join(folder, name), text, { mode: 0o600 });
    }
    const link = { host: '127.0.0.1', port: amqp, ...certificates.client };
    return new RouterPair({ link, skrouterd, folder, managementPort, tcpPorts, plainTcpPorts });
  }

  async start(): Promise<void> {
    this.#b = this.#spawn('b');
    await this.restart();
  }

  tcpPort(routingKey: string): number {
    return this.#tcpPorts.get(routingKey)!;
  }

  plainTcpPort(routingKey: string): number {
    return this.#plainTcpPorts.get(routingKey)!;
  }

  async addConnector(routingKey: string, ...backends: readonly BackendAddress[]): Promise<void> {
    const names = backends.map((_, index) => `${routingKey}-${index}`);
    for (const [index, name] of names.entries()) {
      const { host, port, tls } = backends[index]!;
      await createEntity(this.#managementPort, 'tcpConnector', name, {
        host,
        port: String(port),
        address: routingKey,
        siteId: 'b',
        ...(tls && { sslProfile: await this.#trust(tls.ca) }),
      });
    }
    this.#connectors.set(routingKey, names);
    await this.#reachable(routingKey);
  }

  async removeConnector(routingKey: string): Promise<void> {
    for (const name of this.#connectors.get(routingKey) ?? []) {
      await deleteEntity(this.#managementPort, 'tcpConnector', name);
    }
    this.#connectors.delete(routingKey);
  }

  async kill(): Promise<void> {
    await end(this.#a, 'SIGKILL');
    this.#a = undefined;
  }

  async restart(): Promise<void> {
    await this.kill();
    this.#a = this.#spawn('a');
    for (const key of this.#connectors.keys()) await this.#reachable(key);
    if (this.#connectors.size === 0) await this.#accepting();
  }

  async stop(): Promise<void> {
    await Promise.all([end(this.#a, 'SIGTERM'), end(this.#b, 'SIGTERM')]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** An sslProfile of its own for connectors that speak TLS to an application; gives its name. */
  async #trust(ca: string): Promise<string> {
    const name = `applications-${(this.#profiles += 1)}`;
    const caCertFile = join(this.#folder, `${name}.crt`);
    await writeFile(caCertFile, ca);
    await createEntity(this.#managementPort, 'sslProfile', name, { caCertFile });
    return name;
  }

  #spawn(name: string): ChildProcess {
    const log = openSync(join(this.#folder, `${name}.log`), 'a');
    const config = join(this.#folder, `${name}.json`);
    return spawn(this.#skrouterd, ['-c', config], { stdio: ['ignore', log, log] });
  }

  async #accepting(): Promise<void> {
    (await this.#client())[Symbol.dispose]();
  }

  /** Credit on a targeted link says that a consumer is reachable (router-stream-protocol.md 4). */
  async #reachable(routingKey: string): Promise<void> {
    using client = await this.#client();
    await client.lane(0, routingKey);
    const hasCredit = () => client.frames('flow').some((it) => it.performative.linkCredit === 250);
    await waitUntil(`credit for ${routingKey}`, hasCredit, START_LIMIT_MS);
    await this.#listening(routingKey);
  }

  /** A tcpListener listens only while its routing key has a consumer, and a little later than there is credit. */
  async #listening(routingKey: string): Promise<void> {
    const ports = [this.#tcpPorts.get(routingKey), this.#plainTcpPorts.get(routingKey)];
    const endMs = performance.now() + START_LIMIT_MS;
    for (const port of ports.filter((it) => it !== undefined)) {
      while (!(await isListening(port))) {
        if (performance.now() > endMs) throw new Error(`no tcpListener for ${routingKey}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async #client(): Promise<FrameClient> {
    const end = performance.now() + START_LIMIT_MS;
    for (;;) {
      try {
        return await FrameClient.open(this.link);
      } catch (error) {
        if (performance.now() > end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

async function portFor(keys: readonly string[] = []): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>();
  for (const key of keys) ports.set(key, await routerPort());
  return ports;
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
