import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder as the kubelet mounts a Secret: the names are links into `..data`, which is a link to a folder
 * with a time in its name; an update makes a new folder and swaps `..data` in one rename.
 */
export class KubernetesMount implements AsyncDisposable {
  readonly path: string;
  #count = 0;
  #current = '';

  private constructor(path: string) {
    this.path = path;
  }

  static async create(files: Readonly<Record<string, string>>): Promise<KubernetesMount> {
    const mount = new KubernetesMount(await mkdtemp(join(tmpdir(), 'fairlead-mount-')));
    await mount.swap(files);
    for (const name of Object.keys(files)) {
      await symlink(join('..data', name), join(mount.path, name));
    }
    return mount;
  }

  async swap(files: Readonly<Record<string, string>>): Promise<void> {
    const replaced = this.#current;
    this.#current = `..2026_01_01_00_00_00.${(this.#count += 1)}`;
    await mkdir(join(this.path, this.#current));
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(this.path, this.#current, name), text);
    }
    await symlink(this.#current, join(this.path, '..data_tmp'));
    await rename(join(this.path, '..data_tmp'), join(this.path, '..data'));
    if (replaced !== '') await rm(join(this.path, replaced), { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}
