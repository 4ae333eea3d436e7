import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { closedPort } from '../applications/backend.ts';

type Entity = [kind: string, attributes: Record<string, string | boolean>];

const EXAMPLE = new URL('../../../examples/skupper-two-sites/', import.meta.url);

/** The routers of examples/skupper-two-sites, as processes on this machine. */
export class RouterProcesses implements AsyncDisposable {
  readonly #skrouterd: string;
  readonly #folder: string;
  readonly #configurations = new Map<string, Entity[]>();
  readonly #children = new Map<string, ChildProcess>();
  /** `router-a:55671` of the example → port here. */
  readonly #ports = new Map<string, number>();
  #restarts = 0;

  private constructor(skrouterd: string, folder: string) {
    this.#skrouterd = skrouterd;
    this.#folder = folder;
  }

  /**
   * `files` are what the sslProfiles name, by file name. `copies` are routers more, each configured like one
   * of the example.
   */
  static async prepare(
    skrouterd: string,
    names: readonly string[],
    files: Readonly<Record<string, string>>,
    copies: Readonly<Record<string, string>> = {},
  ): Promise<RouterProcesses> {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-sites-'));
    const routers = new RouterProcesses(skrouterd, folder);
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text, { mode: 0o600 });
    }
    for (const name of names) await routers.#read(name, copies[name] ?? name);
    return routers;
  }

  /** The port here of a listener of the example. */
  port(router: string, port: string): number {
    return this.#ports.get(`${router}:${port}`)!;
  }

  /** Connections to `router:port` of the example go to another port from now on; `from`: those of one router. */
  divert(router: string, port: string, to: number, from = 'afar'): void {
    this.#ports.set(`${router}:${port} from ${from}`, to);
  }

  /**
   * Under an id that nobody had before: a router that comes back within seconds under the same id can
   * leave its neighbours' address tables wedged (seen with 3.5.1, 3 of 18 times).
   */
  async start(router: string): Promise<void> {
    this.#restarts += 1;
    const path = join(this.#folder, `${router}.json`);
    const entities = this.#configurations
      .get(router)!
      .map((entity) => this.#placed(router, entity));
    await writeFile(path, JSON.stringify(entities));
    const log = openSync(join(this.#folder, `${router}.log`), 'a');
    const child = spawn(this.#skrouterd, ['-c', path], { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#children.set(router, child);
    await once(child, 'spawn');
  }

  async kill(router: string): Promise<void> {
    await end(this.#children.get(router), 'SIGKILL');
  }

  /** As an orchestrator ends it. */
  async terminate(router: string): Promise<void> {
    await end(this.#children.get(router), 'SIGTERM');
  }

  signal(router: string, signal: NodeJS.Signals): void {
    this.#children.get(router)!.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.values()) child.kill('SIGCONT');
    await Promise.all([...this.#children.values()].map((child) => end(child, 'SIGKILL')));
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #read(router: string, configuredLike: string): Promise<void> {
    const text = readFileSync(new URL(`${configuredLike}.json`, EXAMPLE), 'utf8');
    const entities = JSON.parse(text) as Entity[];
    this.#configurations.set(router, entities);
    for (const [kind, { port }] of entities) {
      if (kind === 'listener') this.#ports.set(`${router}:${port}`, await closedPort());
    }
  }

  /** The entity of the example with names, ports and paths of this machine. */
  #placed(router: string, [kind, attributes]: Entity): Entity {
    const { host, port } = attributes;
    switch (kind) {
      case 'router':
        return [kind, { ...attributes, id: `${router}-${this.#restarts}` }];
      case 'listener':
        return [
          kind,
          { ...attributes, host: '127.0.0.1', port: String(this.#ports.get(`${router}:${port}`)) },
        ];
      case 'connector':
        return [
          kind,
          {
            ...attributes,
            host: 'localhost',
            port: String(this.#target(router, `${host}:${port}`)),
          },
        ];
      case 'tcpConnector':
        return [
          kind,
          {
            ...attributes,
            host: '127.0.0.1',
            port: String(this.#target(router, `${host}:${port}`)),
          },
        ];
      case 'sslProfile':
        return [kind, mapPaths(attributes, (path) => join(this.#folder, basename(path)))];
      default:
        return [kind, attributes];
    }
  }

  #target(router: string, address: string): number | undefined {
    const ports = this.#ports;
    return (
      ports.get(`${address} from ${router}`) ??
      ports.get(`${address} from afar`) ??
      ports.get(address)
    );
  }
}

function mapPaths(attributes: Entity[1], place: (path: string) => string): Entity[1] {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' && value.startsWith('/') ? place(value) : value,
    ]),
  );
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
