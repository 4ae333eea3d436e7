import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** `SKROUTERD`, or the first skrouterd on the PATH. A name that does not work is an error, not a stand-in. */
export function findSkrouterd(): string | undefined {
  const named = process.env['SKROUTERD'];
  if (named !== undefined && named !== '') {
    if (!isExecutable(named)) throw new Error(`SKROUTERD=${named} cannot be executed`);
    return named;
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'skrouterd')).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
