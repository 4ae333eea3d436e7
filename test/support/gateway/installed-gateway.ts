import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../../..');
const TSC = join(REPOSITORY, 'node_modules/typescript/bin/tsc');

export interface Ran {
  readonly status: number | null;
  /** Both streams. */
  readonly output: string;
}

/** Gateways installed in folders of their own, each of another form; the repository's node_modules stay as they are. */
export class Installations implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'fairlead-installed-'));

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }

  /** As `git clone` and `npm ci` leave it: the root of the gateway. */
  clone(): string {
    const root = this.#root('clone', ['package.json', 'bin', 'src', 'plugins']);
    linkPackages(join(root, 'node_modules'));
    return root;
  }

  /** As in the image: what `npm run build` made, with its packages inside. */
  image(): string {
    const root = this.#root('image', ['package.json', 'bin']);
    build(join(root, 'dist'));
    linkPackages(join(root, 'node_modules'));
    return root;
  }

  /** As `npm install` of the package leaves it: among its own packages. */
  package(image: string): string {
    const root = this.#root('project/node_modules/fairlead', []);
    for (const name of ['package.json', 'bin', 'dist']) {
      cpSync(join(image, name), join(root, name), { recursive: true });
    }
    linkPackages(join(this.folder, 'project/node_modules'));
    return root;
  }

  /** The folder of somebody who writes a plugin: `source` beside the types of the gateway at `root`. */
  author(root: string, source: string): string {
    const folder = mkdtempSync(join(this.folder, 'author-'));
    mkdirSync(join(folder, 'node_modules'));
    linkPackages(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules/fairlead'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'index.ts'), source);
    return folder;
  }

  #root(path: string, names: readonly string[]): string {
    const root = join(this.folder, path);
    mkdirSync(root, { recursive: true });
    for (const name of names) {
      cpSync(join(REPOSITORY, name), join(root, name), { recursive: true });
    }
    return root;
  }
}

/** Compiles `index.ts` of an author's folder, as strict as the compiler can be asked. */
export function compile(folder: string, ...more: readonly string[]): Ran {
  const options = '--strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --types node';
  const target = '--target es2024 --module nodenext';
  return run([TSC, ...`${options} ${target}`.split(' '), ...more, 'index.ts'], folder);
}

/** `fairlead …`, as its bin starts it. */
export function fairlead(root: string, ...args: readonly string[]): Ran {
  return run([join(root, 'bin/fairlead.js'), ...args], root);
}

/** `npm run build` into another folder; `npm run check` has checked the types already. */
function build(outDir: string): void {
  const args = [TSC, '-p', 'tsconfig.package.json', '--noCheck', '--outDir', outDir];
  const { status, output } = run(args, REPOSITORY);
  if (status !== 0) throw new Error(`the package could not be built: ${output}`);
}

function run(args: readonly string[], cwd: string): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    timeout: 100_000,
  });
  return { status, output: stdout + stderr };
}

function linkPackages(target: string): void {
  mkdirSync(target, { recursive: true });
  const names = readdirSync(join(REPOSITORY, 'node_modules'));
  for (const name of names.filter((each) => !each.startsWith('.'))) {
    symlinkSync(join(REPOSITORY, 'node_modules', name), join(target, name));
  }
}
