import { PolicyDirectory } from './policy-directory.ts';
import { mergeSet } from './merge-set.ts';
import { parseFile } from './parse-file.ts';
import { readSet } from './read-set.ts';
import type { Environment } from './resolve-references.ts';
import { nodeAt, textOf } from './source.ts';

/**
 * `gateway.state` as an absolute path. The rest of the set is not judged: a generation that an operator went back to is
 * served although the files are wrong. `off`: nothing is to be kept. Undefined: not written.
 */
export async function stateFolder(
  directory: string,
  cwd: string,
  env: Environment,
): Promise<string | undefined> {
  const place = new PolicyDirectory(directory, cwd);
  const { files } = await readSet(place);
  if (files.length === 0) return undefined;
  const { root } = mergeSet(files.map(parseFile));
  const text = textOf(nodeAt(root, ['gateway', 'state']));
  if (text === 'off') return text;
  const path = text?.replace(/^\$\{env:([^{}]+)\}$/, (_, name: string) => env[name] ?? '');
  return path === undefined || path === '' ? undefined : place.absolute(path);
}
