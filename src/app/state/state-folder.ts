import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;
const STICKY = 0o1000;

/** What a gateway keeps over its restarts: a folder that nobody else can read, and files that are whole or not there. */
export class StateFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** `name`: of the folder below `parent`. Rejects with the reason of the system where it cannot be made or is another's. */
  static async open(parent: string, name: string): Promise<StateFolder> {
    await mkdir(parent, { recursive: true, mode: OWNER_ONLY });
    await tighten(parent);
    const folder = new StateFolder(join(parent, name));
    await mkdir(folder.path, { mode: OWNER_ONLY }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const { uid, mode } = await lstat(folder.path);
    if (uid !== process.getuid?.()) throw new Error(`${folder.path} belongs to another user`);
    if ((mode & OTHERS) !== 0) await chmod(folder.path, OWNER_ONLY);
    return folder;
  }

  /** Mode 0600; whole also after a loss of power, once it resolves. */
  async write(name: string, text: string): Promise<void> {
    const draft = join(this.path, `.${name}.${randomBytes(4).toString('hex')}`);
    {
      await using file = await open(draft, 'wx', 0o600);
      await file.writeFile(text);
      await file.sync();
    }
    await rename(draft, join(this.path, name));
    await using folder = await open(this.path, 'r');
    await folder.sync();
  }

  /** Undefined when there is no such file. */
  async read(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.path, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Names of whole files, sorted. */
  async names(): Promise<readonly string[]> {
    return (await readdir(this.path)).filter((name) => !name.startsWith('.')).sort();
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.path, name), { force: true });
  }
}

/** Ours is for us alone. A mounted volume or /tmp is another's or shared, and the folder below it is what counts. */
async function tighten(path: string): Promise<void> {
  const { uid, mode } = await lstat(path);
  const isOurs = uid === process.getuid?.() && (mode & STICKY) === 0;
  if (isOurs && (mode & OTHERS) !== 0) await chmod(path, OWNER_ONLY);
}
