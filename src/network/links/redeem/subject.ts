import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The gateway's own name in the network, kept in a file: made once, the same for every later token, so
 * that routers and their policies know the gateway by one certificate subject. Throws with a sentence
 * when the file holds something else; a new name would lose the rights given to the old one.
 */
export async function gatewaySubject(file: string): Promise<string> {
  try {
    const made = randomUUID();
    await writeFile(file, `${made}\n`, { flag: 'wx', mode: 0o600 });
    return made;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const kept = (await readFile(file, 'utf8')).trim();
  if (UUID.test(kept)) return kept;
  throw new Error(`${file} holds no UUID; it should hold the gateway's name in the network`);
}
