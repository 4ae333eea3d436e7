import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PLUGIN_API } from '../../contract.ts';
import { describeThrown } from '../call/describe-thrown.ts';
import { offerContract } from './offer-contract.ts';

/** npm's own rule for names; also keeps paths, URLs and `node:` out. */
const PACKAGE_NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/;
const MAX_NAME_LENGTH = 214;

export type LoadedPackage =
  | { readonly kind: 'plugin'; readonly plugin: unknown }
  | { readonly kind: 'fault'; readonly message: string };

interface Manifest {
  readonly exports?: unknown;
  readonly main?: unknown;
  readonly fairleadPlugin?: unknown;
}

/** The default export of an installed package that says it is a plugin for our api; not yet checked. */
export async function loadPackage(name: string, installDirectory: string): Promise<LoadedPackage> {
  if (name.length > MAX_NAME_LENGTH || !PACKAGE_NAME.test(name)) {
    return fault(`"${name}" is neither a built-in plugin nor the name of an npm package`);
  }
  const file = manifestFile(name, installDirectory);
  if (file === undefined) {
    return fault(
      `"${name}" is neither a built-in plugin nor a package installed in ${installDirectory}`,
    );
  }
  try {
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Manifest;
    const problem = manifestProblem(manifest);
    if (problem !== undefined) return fault(`package "${name}": ${problem}`);
    return await importEntry(dirname(file), manifest);
  } catch (thrown) {
    return fault(`package "${name}" could not be loaded: ${describeThrown(thrown)}`);
  }
}

function manifestFile(name: string, installDirectory: string): string | undefined {
  const base = pathToFileURL(join(resolve(installDirectory), 'package.json'));
  try {
    return findPackageJSON(name, base);
  } catch {
    return undefined;
  }
}

function manifestProblem(manifest: Manifest): string | undefined {
  const declared = manifest.fairleadPlugin as { readonly api?: unknown } | undefined | null;
  if (declared?.api === PLUGIN_API) return undefined;
  if (declared?.api === undefined) {
    return `its package.json has no "fairleadPlugin": { "api": ${PLUGIN_API} }`;
  }
  return `its package.json asks for api ${JSON.stringify(declared.api)}, this gateway has api ${PLUGIN_API}`;
}

async function importEntry(directory: string, manifest: Manifest): Promise<LoadedPackage> {
  const entry = exportTarget(manifest.exports) ?? textOf(manifest.main) ?? 'index.js';
  offerContract();
  const module = (await import(pathToFileURL(join(directory, entry)).href)) as {
    readonly default?: unknown;
  };
  return { kind: 'plugin', plugin: module.default };
}

/**
 * The package's main entry in `exports` under the conditions of an import. By hand, since Node
 * resolves a bare name only from the importing file, and that is not where packages are installed.
 */
function exportTarget(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports;
  if (typeof exports !== 'object' || exports === null) return undefined;
  for (const [key, value] of Object.entries(exports)) {
    if (!['.', 'node', 'import', 'module-sync', 'default'].includes(key)) continue;
    const target = exportTarget(value);
    if (target !== undefined) return target;
  }
  return undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function fault(message: string): LoadedPackage {
  return { kind: 'fault', message };
}
