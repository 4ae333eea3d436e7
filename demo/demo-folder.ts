import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { rmSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { isPortFree } from './ports.ts';

/** In the folder from the first moment on: tells that it is ours, which files are, and who uses it. */
const MARKER = 'fairlead-demo.json';

interface Marker {
  readonly pid: number;
  /** Of the gateway; 0 until it listens. */
  readonly port: number;
  readonly files: readonly string[];
}

/** The folder of a demo: for its user alone, and at the end only what the demo wrote is removed. */
export class DemoFolder {
  readonly root: string;
  readonly #files: Set<string>;
  #port = 0;

  private constructor(root: string, files: readonly string[]) {
    this.root = root;
    this.#files = new Set(files);
  }

  /**
   * Makes the folder, or takes one that an earlier demo left. Throws a sentence when it is somebody
   * else's, holds other things, or a running demo uses it.
   */
  static async open(directory: string): Promise<DemoFolder> {
    const root = resolve(directory);
    if (!existsSync(root)) mkdirSync(root, { recursive: true, mode: 0o700 });
    refuseForeign(root);
    const marker = readMarker(root);
    if (marker === undefined && readdirSync(root).length > 0) {
      throw new Error(`${root} holds files that no demo made; choose another folder with --dir`);
    }
    if (marker !== undefined && (await isInUse(marker))) {
      throw new Error(
        `${root} is used by a running demo (process ${marker.pid}, port ${marker.port}); ` +
          'choose another folder with --dir',
      );
    }
    chmodSync(root, 0o700);
    return new DemoFolder(root, marker?.files ?? []);
  }

  path(name: string): string {
    return join(this.root, name);
  }

  /** The path of a file that somebody else will write; it is removed with ours. */
  claim(name: string): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#files.add(name);
    this.#mark();
    return path;
  }

  write(name: string, text: string): void {
    writeFileSync(this.claim(name), text, { mode: 0o600 });
  }

  /** From now on a second demo is told that this folder is in use. */
  markServing(port: number): void {
    this.#port = port;
    this.#mark();
  }

  /** Removes what the demo wrote, and folders that are empty then. True when nothing is left. */
  remove(): boolean {
    for (const name of this.#files) rmSync(this.path(name), { force: true });
    rmSync(this.path(MARKER), { force: true });
    const folders = [...this.#files].flatMap(parents);
    for (const folder of new Set(folders.toSorted((a, b) => b.length - a.length))) {
      removeIfEmpty(this.path(folder));
    }
    return removeIfEmpty(this.root);
  }

  /** For a folder that stays: nobody uses it any more. */
  release(): void {
    this.markServing(0);
  }

  #mark(): void {
    const marker: Marker = { pid: process.pid, port: this.#port, files: [...this.#files] };
    writeFileSync(this.path(MARKER), `${JSON.stringify(marker, null, 2)}\n`, { mode: 0o600 });
  }
}

/** In a folder that others can write to, somebody could have put one there for our keys. */
function refuseForeign(root: string): void {
  const facts = lstatSync(root);
  if (!facts.isDirectory()) throw new Error(`${root} is not a folder; choose another with --dir`);
  const user = process.getuid?.();
  if (user === undefined || facts.uid === user) return;
  throw new Error(`${root} belongs to another user; choose another folder with --dir`);
}

function readMarker(root: string): Marker | undefined {
  let text: string;
  try {
    text = readFileSync(join(root, MARKER), 'utf8');
  } catch {
    return undefined;
  }
  return parseMarker(text) ?? { pid: 0, port: 0, files: [] };
}

/** A demo that was killed while it wrote may leave half a marker: ours still, with nothing listed. */
function parseMarker(text: string): Marker | undefined {
  try {
    const marker = JSON.parse(text) as Record<keyof Marker, unknown>;
    const files = (marker.files as readonly unknown[]).filter(isBelow);
    return { pid: Number(marker.pid), port: Number(marker.port), files };
  } catch {
    return undefined;
  }
}

function isBelow(name: unknown): name is string {
  return typeof name === 'string' && !/^(\.\.|\/|$)/.test(normalize(name));
}

/** Process numbers come again, ports are shared: both together say that the demo lives. */
async function isInUse({ pid, port }: Marker): Promise<boolean> {
  if (pid === 0 || port === 0 || pid === process.pid) return false;
  return isAlive(pid) && !(await isPortFree(port));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function parents(name: string): string[] {
  const parent = dirname(name);
  return parent === '.' ? [] : [parent, ...parents(parent)];
}

function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
