import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../../..');

export type Block = Readonly<Record<string, unknown>>;

export interface Snippet {
  /** `docs/routing.md:12`. */
  readonly place: string;
  readonly text: string;
  readonly block: Block;
}

/**
 * Pages with examples of their own tests: the reference (reference-examples.test.ts). docs/design is not in docs itself
 * (policy-language.test.ts).
 */
const ELSEWHERE = new Set(['policy-reference.md']);

/** Every block of YAML in README.md and the pages of docs that is of a policy, in order. */
export function docSnippets(): readonly Snippet[] {
  const pages = readdirSync(join(ROOT, 'docs')).filter(
    (name) => name.endsWith('.md') && !ELSEWHERE.has(name),
  );
  return ['README.md', ...pages.sort().map((name) => `docs/${name}`)]
    .flatMap(snippetsOf)
    .filter(({ block }) => !isResource(block));
}

function snippetsOf(page: string): readonly Snippet[] {
  const text = readFileSync(join(ROOT, page), 'utf8');
  return [...text.matchAll(/^( *)```yaml\n(.*?)^ *```$/gms)].map((found) => {
    const line = text.slice(0, found.index).split('\n').length;
    const own = found[2]!.replaceAll(new RegExp(`^${found[1]!}`, 'gm'), '');
    return { place: `${page}:${line}`, text: own, block: parse(own) as Block };
  });
}

/** Of Kubernetes or Skupper. */
function isResource(block: Block): boolean {
  return 'apiVersion' in block;
}
