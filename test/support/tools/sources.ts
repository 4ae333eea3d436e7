import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Source {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file of these folders, comments left out where they have a line of their own. */
export function sourcesOf(...folders: readonly string[]): readonly Source[] {
  const paths = globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: ROOT },
  );
  return paths.map((path) => ({
    path: path.replaceAll('\\', '/'),
    text: readFileSync(`${ROOT}${path}`, 'utf8').replaceAll(/^\s*(\/\/|\/?\*).*$/gm, ''),
  }));
}

/** What the first group of the pattern finds in these sources, each once, in order of the alphabet. */
export function found(sources: readonly Source[], pattern: RegExp): readonly string[] {
  const all = sources.flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => match[1]!));
  return [...new Set(all)].sort();
}

/** A page of docs/. */
export function docsPage(name: string): string {
  return readFileSync(`${ROOT}docs/${name}`, 'utf8');
}

/** The names in the first column of the tables below headings that begin with this text, in order of the alphabet. */
export function namesInDocs(page: string, heading = ''): readonly string[] {
  const sections = page.split(/^(?=## )/m);
  const section = sections.filter((text) => text.startsWith(heading)).join('');
  return [...section.matchAll(/^\| `([^`]+)` +\|/gm)].map((match) => match[1]!).sort();
}
