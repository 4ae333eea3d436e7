import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../demo/ports.ts';
import { unpackKeycloak } from './keycloak-distribution.ts';

const START_MS = 180_000;
const ANSWER_MS = 5_000;
/** Of what it wrote, for the message when it does not start. */
const KEPT_OUTPUT = 4000;

/** Keycloak on the loopback with a realm of its own; everything of it ends with the scope. */
export class Keycloak implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #output = '';

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
    child.stdout!.on('data', (chunk: Buffer) => this.#keep(chunk));
    child.stderr!.on('data', (chunk: Buffer) => this.#keep(chunk));
  }

  /** `realm` is a realm representation; the issuer is `${url}/realms/<its name>`. */
  static async start(realm: Readonly<Record<string, unknown>>): Promise<Keycloak> {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-keycloak-'));
    const keycloak = await Keycloak.#launch(folder, realm).catch((error: unknown) => {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    });
    try {
      await keycloak.#answers(String(realm['realm']));
      return keycloak;
    } catch (error) {
      await keycloak[Symbol.asyncDispose]();
      throw error;
    }
  }

  static async #launch(
    folder: string,
    realm: Readonly<Record<string, unknown>>,
  ): Promise<Keycloak> {
    const home = await unpackKeycloak(folder);
    mkdirSync(join(home, 'data', 'import'), { recursive: true });
    writeFileSync(join(home, 'data', 'import', 'realm.json'), JSON.stringify(realm));
    const { port } = await freePorts('port');
    const options = ['--import-realm', '--http-host=127.0.0.1', `--http-port=${port}`];
    // A group of its own, since the script starts Java as a child.
    const child = spawn(join(home, 'bin', 'kc.sh'), ['start-dev', ...options], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, JAVA_OPTS_APPEND: '-Xmx512m' },
    });
    return new Keycloak(`http://127.0.0.1:${port}`, child, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      process.kill(-this.#child.pid!, 'SIGKILL');
      await once(this.#child, 'close');
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #keep(chunk: Buffer): void {
    this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT);
  }

  async #answers(realm: string): Promise<void> {
    const end = performance.now() + START_MS;
    while (performance.now() < end && this.#child.exitCode === null) {
      const answer = await fetch(`${this.url}/realms/${realm}`, {
        signal: AbortSignal.timeout(ANSWER_MS),
      }).catch(() => undefined);
      if (answer?.ok === true) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const { exitCode } = this.#child;
    const what = exitCode === null ? `did not answer within ${START_MS / 1000} s` : 'ended at once';
    throw new Error(`Keycloak ${what}; the last of what it wrote:\n${this.#output}`);
  }
}
