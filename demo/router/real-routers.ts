import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import type { DemoFolder } from '../demo-folder.ts';
import { freePorts } from '../ports.ts';
import { farRouter, nearRouter, routerFiles } from './router-config.ts';
import type { DemoRouter, DemoRouterOptions } from './demo-router.ts';

/** A router that does not end on SIGTERM is killed after this. */
const STOP_MS = 5_000;

/** Two linked skrouterd, as in a network of two sites: the gateway's, and the application's. */
export async function startRealRouters(
  skrouterd: string,
  options: DemoRouterOptions,
): Promise<DemoRouter> {
  const { amqp, interior } = await freePorts('amqp', 'interior');
  writeConfigurations(options, { amqp, interior });
  const routers = [
    new RouterProcess(skrouterd, 'b', options.folder),
    new RouterProcess(skrouterd, 'a', options.folder),
  ];
  return {
    what: `two linked routers (${skrouterd})`,
    port: amqp,
    failure: () => routers.map((router) => router.failure).find((text) => text !== undefined),
    async [Symbol.asyncDispose]() {
      await Promise.all(routers.map((router) => router.stop()));
    },
  };
}

function writeConfigurations(
  { folder, certificates, routingKey, backendPort }: DemoRouterOptions,
  ports: { readonly amqp: number; readonly interior: number },
): void {
  const at = { folder: folder.path('router'), ...ports };
  const tcpConnectors = new Map([[routingKey, backendPort]]);
  const { ca, server, farRouter: far } = certificates.network;
  const files = routerFiles({
    ca,
    near: { cert: server.certPem, key: server.keyPem },
    far: { cert: far.certPem, key: far.keyPem },
  });
  for (const [name, text] of Object.entries(files)) folder.write(`router/${name}`, text);
  folder.write('router/a.json', nearRouter(at));
  folder.write('router/b.json', farRouter({ ...at, tcpConnectors }));
}

class RouterProcess {
  readonly #child: ChildProcess;
  readonly #log: string;
  #error: Error | undefined;
  #isStopping = false;

  constructor(skrouterd: string, name: string, folder: DemoFolder) {
    this.#log = folder.claim(`router/${name}.log`);
    const log = openSync(this.#log, 'w', 0o600);
    // A process group of its own: Ctrl-C is for the demo, which stops the routers last.
    this.#child = spawn(skrouterd, ['-c', folder.path(`router/${name}.json`)], {
      stdio: ['ignore', log, log],
      detached: true,
    });
    this.#child.on('error', (error) => (this.#error = error));
    process.once('exit', this.#kill);
  }

  /** One sentence when the router ended or never started. */
  get failure(): string | undefined {
    if (this.#error !== undefined) return `a router did not start: ${this.#error.message}`;
    if (this.#isRunning || this.#isStopping) return undefined;
    return `a router ended by itself; its last words are in ${this.#log}`;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    process.off('exit', this.#kill);
    if (this.#error !== undefined || !this.#isRunning) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const late = setTimeout(this.#kill, STOP_MS);
    await exited;
    clearTimeout(late);
  }

  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  readonly #kill = (): void => {
    this.#child.kill('SIGKILL');
  };
}
