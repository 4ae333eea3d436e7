import { DEFAULTS, parseListenAddress } from '../schema/schema.ts';
import { PolicyDirectory } from './policy-directory.ts';
import { mergeSet } from './merge-set.ts';
import { parseFile } from './parse-file.ts';
import { readSet } from './read-set.ts';
import type { ListenAddress } from '../snapshot/snapshot.ts';
import { nodeAt } from './source.ts';
import type { SourceNode } from './source.ts';

export interface AdminPlaces {
  readonly listen: ListenAddress;
  /** The admin listener speaks TLS. */
  readonly isTls: boolean;
  /** Of `gateway.admin.health`. */
  readonly health: ListenAddress | undefined;
}

/**
 * Where a gateway that runs this set has its admin listeners. The rest of the set is not judged: the running
 * one may be older and good. Undefined: the directory cannot be read, or says something that is no address.
 */
export async function adminAddress(
  directory: string,
  cwd: string,
): Promise<AdminPlaces | undefined> {
  const { files, readable } = await readSet(new PolicyDirectory(directory, cwd));
  if (!readable) return undefined;
  const { root } = mergeSet(files.map(parseFile));
  const at = (key: string) => nodeAt(root, ['gateway', 'admin', key]);
  const written = at('listen');
  const listen = written === undefined ? DEFAULTS.adminListen : addressOf(written);
  if (listen === undefined) return undefined;
  const health = at('health');
  return {
    listen,
    isTls: at('certificate') !== undefined,
    health: health && addressOf(health),
  };
}

function addressOf(node: SourceNode): ListenAddress | undefined {
  const isWritten = node.kind === 'scalar' && /string|number/.test(typeof node.value);
  return isWritten ? parseListenAddress(node.value as string | number) : undefined;
}
