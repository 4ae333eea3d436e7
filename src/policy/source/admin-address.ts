import { DEFAULTS, parseListenAddress } from '../schema/schema.ts';
import { PolicyDirectory } from './policy-directory.ts';
import { mergeSet } from './merge-set.ts';
import { parseFile } from './parse-file.ts';
import { readSet } from './read-set.ts';
import type { ListenAddress } from '../snapshot/snapshot.ts';
import { nodeAt } from './source.ts';

/**
 * Where a gateway that runs this set has its admin listener. The rest of the set is not judged: the running
 * one may be older and good. Undefined: the directory cannot be read, or says something that is no address.
 */
export async function adminAddress(
  directory: string,
  cwd: string,
): Promise<ListenAddress | undefined> {
  const { files, readable } = await readSet(new PolicyDirectory(directory, cwd));
  if (!readable) return undefined;
  const { root } = mergeSet(files.map(parseFile));
  const node = nodeAt(root, ['gateway', 'admin', 'listen']);
  if (node === undefined) return DEFAULTS.adminListen;
  const isWritten = node.kind === 'scalar' && /string|number/.test(typeof node.value);
  return isWritten ? parseListenAddress(node.value as string | number) : undefined;
}
