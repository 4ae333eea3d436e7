import { sep } from 'node:path';
import type { PolicyDirectory } from './policy-directory.ts';
import { Findings } from '../issues/issue.ts';
import type { PluginCatalogue } from '../schema/schema.ts';
import { mergeSet } from './merge-set.ts';
import { parseFile } from './parse-file.ts';
import type { ParsedFile } from './parse-file.ts';
import { findPlugins } from '../providers.ts';
import { referencedFile } from './resolve-references.ts';
import { marksOf } from '../material/hide-secrets.ts';
import type { SourceFile } from './source.ts';
import { textOf, walk } from './source.ts';

/**
 * The files that form the set: all but those that the set itself names as a path or a secret, such as
 * `network.link: secrets/link.yaml` below the policy directory, and what lies in a folder so named.
 */
export function selectFiles(
  files: readonly SourceFile[],
  directory: PolicyDirectory,
  plugins: PluginCatalogue,
): readonly ParsedFile[] {
  const parsed = files.map(parseFile);
  // Each file speaks for itself here, so that two definitions of one thing name all their paths.
  const namedBy = parsed.map((file) => pathsNamedIn(file, directory, plugins));
  return parsed.filter(
    ({ file }, index) =>
      // A file cannot take itself out of the set.
      !namedBy.some(
        (paths, other) => other !== index && paths.some((path) => isAtOrBelow(file.path, path)),
      ),
  );
}

function pathsNamedIn(
  file: ParsedFile,
  directory: PolicyDirectory,
  plugins: PluginCatalogue,
): readonly string[] {
  if (file.root?.kind !== 'map') return [];
  const { root } = mergeSet([file]);
  const marks = marksOf(root, findPlugins(root, plugins, new Findings()));
  const paths: string[] = [];
  for (const [, node] of walk(root)) {
    const text = textOf(node);
    const named = referencedFile(text) ?? (marks.get(node) === 'path' ? text : undefined);
    if (named !== undefined && named !== '') paths.push(directory.absolute(named));
  }
  // The directory itself is no credential: naming it must not empty the set.
  return paths.filter((path) => !isAtOrBelow(directory.path, path));
}

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
