import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';

/** The package's version, from the package.json above the sources or above dist. */
export function packageVersion(): string {
  const file = findPackageJSON('..', import.meta.url);
  if (file === undefined)
    throw new Error('no package.json above the gateway: the installation is not whole');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
