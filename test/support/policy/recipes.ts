import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parse } from 'yaml';

const FOLDER = join(import.meta.dirname, '../../../examples/recipes');

/** One of the things that people want of an ingress: a policy with its tests. */
export interface Recipe {
  readonly name: string;
  /** Of policy.yaml: what it does, and the words under which people look for that. */
  readonly title: string;
  readonly words: string;
  /** All its files, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** Its YAML files, parsed, by path. */
  readonly documents: Readonly<Record<string, RecipeDocument>>;
  /** Folders of certificates that its owner brings. */
  readonly certificates: readonly string[];
  readonly hosts: readonly string[];
  /** Hosts of its cases; not all of them are served. */
  readonly askedHosts: readonly string[];
}

/** As much of a policy file as the tests read or replace. */
export interface RecipeDocument {
  readonly gateway?: Readonly<Record<string, unknown>>;
  readonly network?: unknown;
  readonly services?: Readonly<Record<string, unknown>>;
  readonly providers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly routes?: Readonly<Record<string, { readonly host: string | readonly string[] }>>;
  readonly tests?: readonly { readonly request: { readonly url: string } }[];
}

const HEAD =
  /^# yaml-language-server: \$schema=\.\.\/\.\.\/\.\.\/policies\/policy\.schema\.json\n# (?<title>.+)\.\n# Words: (?<words>.+)\.\nversion: 1\n/;

export function readRecipes(): readonly Recipe[] {
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readRecipe(name));
}

function readRecipe(name: string): Recipe {
  const folder = join(FOLDER, name);
  const files = Object.fromEntries(
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [relative(folder, file), readFileSync(file, 'utf8')]),
  );
  const head = HEAD.exec(files['policy.yaml']!)?.groups;
  if (head === undefined) throw new Error(`${name}/policy.yaml does not begin as recipes do`);
  const documents = Object.fromEntries(
    Object.entries(files)
      .filter(([path]) => path.endsWith('.yaml'))
      .map(([path, text]) => [path, parse(text) as RecipeDocument]),
  );
  const all = Object.values(documents);
  return {
    name,
    title: head['title']!,
    words: head['words']!,
    files,
    documents,
    certificates: all.flatMap(({ gateway }) => (gateway?.['certificates'] ?? []) as string[]),
    hosts: all.flatMap(({ routes = {} }) => Object.values(routes).flatMap(({ host }) => host)),
    askedHosts: all.flatMap(({ tests = [] }) =>
      tests.map(({ request }) => new URL(request.url).hostname),
    ),
  };
}
