import { randomBytes } from 'node:crypto';
import { link, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * A file that is there whole or not at all, with mode 0600. It is opened before the text is known, so a
 * folder that cannot be written to is noticed while nothing is spent yet.
 */
export class NewFile implements AsyncDisposable {
  readonly #target: string;
  readonly #path: string;
  readonly #handle: FileHandle;
  #isKept = false;

  private constructor(target: string, path: string, handle: FileHandle) {
    this.#target = target;
    this.#path = path;
    this.#handle = handle;
  }

  static async prepare(target: string): Promise<NewFile> {
    const suffix = randomBytes(4).toString('hex');
    const path = join(dirname(target), `.${basename(target)}.${suffix}`);
    return new NewFile(target, path, await open(path, 'wx', 0o600));
  }

  /**
   * Puts the text in place. Without `replaces` an existing file is left alone and the text stays in the
   * file whose path is given back.
   */
  async commit(text: string, { replaces }: { readonly replaces: boolean }): Promise<string> {
    await this.#handle.writeFile(text);
    await this.#handle.sync();
    this.#isKept = true;
    if (replaces) {
      await rename(this.#path, this.#target);
      return this.#target;
    }
    try {
      // A hard link is refused when the name is taken; rename would replace it.
      await link(this.#path, this.#target);
    } catch {
      return this.#path;
    }
    await rm(this.#path);
    return this.#target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
    if (!this.#isKept) await rm(this.#path, { force: true });
  }
}
