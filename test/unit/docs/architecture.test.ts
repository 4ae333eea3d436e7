import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import test from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
/** The list of folders; the lines of one of them begin with its name. */
const LIST = /## Folders\n\n```\n(.*?)```/s.exec(PAGE)![1]!;

test('the list of folders has each folder of src and the folders in it', () => {
  const folders = globSync('src/*/', { cwd: ROOT });
  const inside = globSync('src/*/*/', { cwd: ROOT });

  const unnamed = [
    ...folders.filter((folder) => textOf(basename(folder)) === ''),
    ...inside.filter((folder) => {
      const [, parent, name] = folder.split('/');
      // Of src/cli each folder is a command, and has its name.
      return parent !== 'cli' && !new RegExp(`(?<![\\w-])${name}(?=[/,}])`).test(textOf(parent!));
    }),
  ];

  assert.ok(folders.length > 0 && inside.length > 0);
  assert.deepEqual(unnamed, []);
});

test('a file that the list of folders names exists', () => {
  const files = globSync('{src,plugins,standin,demo,policies,scripts}/**/*.{ts,js,json}', {
    cwd: ROOT,
  });
  const known = new Set(files.map((file) => basename(file)));
  const named = LIST.match(/[\w.-]+\.(?:ts|js|json)\b/g)!;

  assert.ok(named.length > 0);
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  );
});

/** What the list says of a folder of src. */
function textOf(folder: string): string {
  return new RegExp(`^  ${folder}/ .*\\n(?: {4}.*\\n)*`, 'm').exec(LIST)?.[0] ?? '';
}
