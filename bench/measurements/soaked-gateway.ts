import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FrameClientOptions } from '../../test/support/routers/frame-client.ts';
import type { KubernetesMount } from '../../test/support/policy/kubernetes-mount.ts';
import { writePolicySet, type WrittenSet } from '../../test/support/policy/policy-set.ts';
import type { TrafficTarget } from '../../test/support/traffic/exchange.ts';
import { TRAFFIC_POLICY } from '../../test/support/traffic/policy.ts';
import { waitUntil } from '../../test/support/tools/wait-until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const START_LIMIT_MS = 30_000;
const SCRAPE_MS = 200;
/**
 * The young generation at its largest from the start (V8's default maximum is as large): else it grows for
 * as long as there is load, and a resident set that is measured early says nothing of what is kept.
 */
const SETTLED_HEAP = ['--min-semi-space-size=16', '--max-semi-space-size=16'];

/** What a gateway at rest holds. */
export interface Held {
  readonly lanes: number;
  readonly sessions: number;
  readonly timers: number;
  readonly descriptors: number;
}

/** `fairlead run` by itself, its access lines thrown away, seen from outside only. */
export class SoakedGateway implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #set: WrittenSet;
  readonly #scraper: NodeJS.Timeout;
  #ports: { readonly https: number; readonly admin: number } | undefined;
  #metrics = '';

  private constructor(child: ChildProcess, set: WrittenSet) {
    this.#child = child;
    this.#set = set;
    this.#scraper = setInterval(() => void this.#scrape().catch(() => {}), SCRAPE_MS);
  }

  static async start(
    links: readonly FrameClientOptions[],
    mount: KubernetesMount,
  ): Promise<SoakedGateway> {
    const set = await writePolicySet({ policy: policyOf(links, mount) });
    const argv = [...SETTLED_HEAP, '--conditions=source', 'src/main.ts', 'run', set.directory];
    const child = spawn(process.execPath, argv, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
    const gateway = new SoakedGateway(child, set);
    child.stderr.on('data', (chunk: Buffer) => gateway.#read(chunk.toString()));
    await waitUntil('the gateway serves', () => gateway.#ports !== undefined, START_LIMIT_MS);
    const isReady = () => gateway.#value('fairlead_router_connections') === 2 * links.length;
    await waitUntil('all router connections', isReady, START_LIMIT_MS);
    return gateway;
  }

  get target(): TrafficTarget {
    return { port: this.#ports!.https, caPem: this.#set.caPem };
  }

  /** New credentials do not serve yet, as of the last scrape. */
  get isPending(): boolean {
    return this.#value('fairlead_router_credentials_pending') === 1;
  }

  async held(): Promise<Held> {
    await this.#scrape();
    return {
      lanes: this.#value('fairlead_lanes'),
      sessions: this.#value('fairlead_router_sessions'),
      timers: this.#value('fairlead_timers'),
      descriptors: readdirSync(`/proc/${this.#child.pid}/fd`).length,
    };
  }

  residentBytes(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#scraper);
    this.#child.kill('SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'exit');
    }
    await rm(this.#set.directory, { recursive: true, force: true });
  }

  #read(text: string): void {
    const serving = text.split('\n').find((line) => line.includes('"serving"'));
    if (serving === undefined) return;
    const { https_port: https, admin_port: admin } = JSON.parse(serving) as Record<string, number>;
    this.#ports = { https: https!, admin: admin! };
  }

  async #scrape(): Promise<void> {
    if (this.#ports === undefined) return;
    const response = await fetch(`http://127.0.0.1:${this.#ports.admin}/metrics`);
    this.#metrics = await response.text();
  }

  #value(name: string): number {
    return Number(new RegExp(`^${name} (.+)$`, 'm').exec(this.#metrics)?.[1] ?? Number.NaN);
  }
}

function policyOf(links: readonly FrameClientOptions[], mount: KubernetesMount): string {
  const at = (name: string) => join(mount.path, name);
  const files = `ca: ${at('ca.crt')}, cert: ${at('tls.crt')}, key: ${at('tls.key')}`;
  const entries = links.map(
    ({ host, port }) => `    - { host: ${host}, port: ${port}, serverName: localhost, ${files} }`,
  );
  return `
network:
  link:
${entries.join('\n')}
${TRAFFIC_POLICY}`;
}
