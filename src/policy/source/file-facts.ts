import { readdir, stat } from 'node:fs/promises';

/** By absolute path: what tells one state of a file or folder from another. */
export type Facts = ReadonlyMap<string, string>;

/**
 * Follows links, so a link that was swapped, here or further up, gives another inode. Of a folder the names count:
 * its times change with every temporary file of an editor. Names with a dot in front are never read.
 */
export async function factsOf(path: string): Promise<string> {
  try {
    const facts = await stat(path, { bigint: true });
    if (facts.isDirectory()) return `folder ${(await namesIn(path)).join('/')}`;
    const { dev, ino, size, mtimeNs, ctimeNs } = facts;
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/** The same paths as they are now. */
export async function factsNow(facts: Facts): Promise<Facts> {
  const now = [...facts.keys()].map(async (path) => [path, await factsOf(path)] as const);
  return new Map(await Promise.all(now));
}

export function isSameFacts(left: Facts, right: Facts): boolean {
  return left.size === right.size && [...left].every(([path, facts]) => right.get(path) === facts);
}

async function namesIn(path: string): Promise<readonly string[]> {
  return (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
}
