// npm run check: a folder with more than a dozen files has a door, one file named like the folder (for a plugin
// index.ts) that begins with a comment on what is inside; a README.md where files are imported one by one. A door
// that only passes on names (`export … from`) is the only file of its folder that others import; tests and bench/
// may go around it.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';

const DOZEN = 12;
const files = globSync('{src,plugins,standin,demo}/**/*.ts').filter(
  (file) => !file.endsWith('.d.ts'),
);
const folders = Map.groupBy(files, (file) => dirname(file));
const complaints = [];

for (const [folder, inside] of folders) {
  const door = doorOf(folder);
  if (door === undefined) {
    if (inside.length > DOZEN)
      complaints.push(`${folder} has ${inside.length} files and no door ${basename(folder)}.ts`);
  } else if (inside.length > DOZEN && !/^(\/[/*]|# )/.test(readFileSync(door, 'utf8'))) {
    complaints.push(`${door} is a door: begin it with a comment on what is inside`);
  }
}
const closed = [...folders.keys()].filter((folder) => passesOn(doorOf(folder)));
for (const file of files) {
  for (const target of importsOf(file)) {
    const folder = dirname(target);
    if (!closed.includes(folder) || isInside(file, folder) || target === doorOf(folder)) continue;
    complaints.push(`${file} imports ${target}: import ${doorOf(folder)}, or export it there`);
  }
}
for (const complaint of complaints) console.error(`doors: ${complaint}.`);
process.exitCode = complaints.length === 0 ? 0 : 1;

function doorOf(folder) {
  return [`${basename(folder)}.ts`, 'index.ts', 'README.md']
    .map((name) => join(folder, name))
    .find((file) => existsSync(file));
}

function passesOn(door) {
  if (door === undefined || door.endsWith('.md')) return false;
  const statements = withoutComments(door)
    .split(';')
    .map((text) => text.trim());
  return (
    statements.some((text) => text !== '') &&
    statements.every(
      (text) => text === '' || /^export (type )?(\{[^}]*\}|\*) from '[^']+'$/.test(text),
    )
  );
}

function importsOf(file) {
  const found = withoutComments(file).matchAll(/\bfrom '(\.[^']+)'/g);
  return Array.from(found, ([, path]) => normalize(join(dirname(file), path)));
}

function isInside(file, folder) {
  return !relative(folder, file).startsWith('..');
}

function withoutComments(file) {
  return readFileSync(file, 'utf8').replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$| \/\/ .*$/gm, '');
}
