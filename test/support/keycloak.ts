import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../src/demo/ports.ts';

const VERSION = '26.7.3';
const NAME = `keycloak-quarkus-dist-${VERSION}.zip`;
const URL_OF_IT = `https://repo.maven.apache.org/maven2/org/keycloak/keycloak-quarkus-dist/${VERSION}/${NAME}`;
const CACHE = process.env['KEYCLOAK_CACHE'] ?? join(homedir(), '.cache', 'fairlead');
const FETCH_MS = 300_000;
const START_MS = 180_000;
const ANSWER_MS = 5_000;

/** Keycloak on the loopback with a realm of its own; everything of it ends with the scope. */
export class Keycloak implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url;
    this.#child = child;
    this.#folder = folder;
  }

  /** `realm` is a realm representation; the issuer is `${url}/realms/<its name>`. */
  static async start(realm: Readonly<Record<string, unknown>>): Promise<Keycloak> {
    const zip = await fetched();
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-keycloak-'));
    execFileSync('unzip', ['-q', zip, '-d', folder], { timeout: 60_000 });
    const home = join(folder, `keycloak-${VERSION}`);
    mkdirSync(join(home, 'data', 'import'), { recursive: true });
    writeFileSync(join(home, 'data', 'import', 'realm.json'), JSON.stringify(realm));
    const { port } = await freePorts('port');
    const options = ['--import-realm', '--http-host=127.0.0.1', `--http-port=${port}`];
    // A group of its own, since the script starts Java as a child.
    const child = spawn(join(home, 'bin', 'kc.sh'), ['start-dev', ...options], {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, JAVA_OPTS_APPEND: '-Xmx512m' },
    });
    const keycloak = new Keycloak(`http://127.0.0.1:${port}`, child, folder);
    try {
      await keycloak.#answers(String(realm['realm']));
      return keycloak;
    } catch (error) {
      await keycloak[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      process.kill(-this.#child.pid!, 'SIGKILL');
      await once(this.#child, 'close');
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
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
    throw new Error(`Keycloak did not answer within ${START_MS / 1000} s`);
  }
}

async function fetched(): Promise<string> {
  const path = join(CACHE, NAME);
  console.log(`Keycloak: ${path}`);
  if (existsSync(path)) return path;
  console.log(`fetching ${URL_OF_IT}`);
  mkdirSync(CACHE, { recursive: true });
  const answer = await fetch(URL_OF_IT, { signal: AbortSignal.timeout(FETCH_MS) });
  if (!answer.ok) throw new Error(`${URL_OF_IT} answered ${answer.status}: no Keycloak to try`);
  writeFileSync(`${path}.part`, new Uint8Array(await answer.arrayBuffer()));
  renameSync(`${path}.part`, path);
  return path;
}
