import type { FSWatcher } from 'node:fs';
import { watch } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

interface Watched {
  readonly watcher: FSWatcher;
  /** Another one under the same name is another folder. */
  readonly inode: string;
}

/** inotify has 8192 watches for a user by default; what is above these is left to the polling. */
const MAX_FOLDERS = 256;

/**
 * Tells that something happened to a file, never what: the reader looks for itself. Folders are watched, since a file
 * that is replaced is another file, and `..data` of a Kubernetes mount stands beside the names that lead through it.
 * A hint only: a link that is swapped further up, a network file system or a full table of watches tell nothing.
 */
export class FolderEvents {
  readonly #onEvent: () => void;
  readonly #watched = new Map<string, Watched>();
  /** Names in a folder that matter. Undefined: all of them. */
  #names: ReadonlyMap<string, ReadonlySet<string> | undefined> = new Map();
  #isClosed = false;

  constructor(onEvent: () => void) {
    this.#onEvent = onEvent;
  }

  /** Replaces the files and folders to tell of. Never rejects. */
  async watch(paths: Iterable<string>): Promise<void> {
    this.#names = await namesByFolder(paths);
    for (const [folder, { watcher, inode }] of this.#watched) {
      if (this.#names.has(folder) && inode === (await inodeOf(folder))) continue;
      watcher.close();
      this.#watched.delete(folder);
    }
    for (const folder of [...this.#names.keys()].slice(0, MAX_FOLDERS)) {
      if (!this.#watched.has(folder)) await this.#add(folder);
    }
    if (this.#isClosed) this.close();
  }

  close(): void {
    this.#isClosed = true;
    for (const { watcher } of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  async #add(folder: string): Promise<void> {
    const inode = await inodeOf(folder);
    if (inode === undefined || this.#isClosed) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => this.#heard(folder, name));
      watcher.on('error', () => watcher.close());
      this.#watched.set(folder, { watcher, inode });
    } catch {
      // No watch left, or the folder is gone: the polling sees what happens there.
    }
  }

  #heard(folder: string, name: string | null): void {
    const names = this.#names.get(folder);
    // `..data` and the folders it leads to.
    const isMount = name?.startsWith('..') === true;
    if (names === undefined || name === null || isMount || names.has(name)) this.#onEvent();
  }
}

async function namesByFolder(paths: Iterable<string>) {
  const names = new Map<string, Set<string> | undefined>();
  const add = (folder: string, name: string) => {
    const known = names.get(folder) ?? new Set();
    if (names.has(folder) && names.get(folder) === undefined) return;
    names.set(folder, known.add(name));
  };
  for (const path of paths) {
    const real = await realpath(path).catch(() => path);
    for (const each of new Set([path, real])) {
      add(dirname(each), basename(each));
      if (await isFolder(each)) names.set(each, undefined);
    }
  }
  return names;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function inodeOf(folder: string): Promise<string | undefined> {
  const facts = await stat(folder).catch(() => undefined);
  return facts && `${facts.dev} ${facts.ino}`;
}
