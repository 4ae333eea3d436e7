import { checkShape } from './checks/check-shape.ts';
import { runChecks } from './checks/checks.ts';
import { checkUse } from './checks/check-use.ts';
import { lint } from './checks/lint.ts';
import { compilePolicy } from './compile/compile.ts';
import { Findings } from './issues/issue.ts';
import type { PolicyIssue } from './issues/issue.ts';
import { gather } from './material/gather.ts';
import { hideSecrets, marksOf } from './material/hide-secrets.ts';
import { findPlugins } from './providers.ts';
import { hasHttpsPort } from './rules/https-port.ts';
import { effectiveRules } from './rules/effective-rule.ts';
import type { PluginCatalogue } from './schema/schema.ts';
import type { PolicySnapshot, SourcePosition } from './snapshot/snapshot.ts';
import type { Facts } from './source/file-facts.ts';
import { mergeSet } from './source/merge-set.ts';
import { PolicyDirectory } from './source/policy-directory.ts';
import { positionOf } from './source/position-of.ts';
import { hashOf, readSet, setOfTexts, textsOf } from './source/read-set.ts';
import type { PolicyText } from './source/read-set.ts';
import { resolveReferences } from './source/resolve-references.ts';
import type { Environment } from './source/resolve-references.ts';
import { selectFiles } from './source/select-files.ts';
import { nodeAt } from './source/source.ts';
import type { Path, SourceFile } from './source/source.ts';
import { writtenValues } from './source/written.ts';
import type { WrittenValue } from './source/written.ts';

export interface LoadOptions {
  /** What the snapshot will be called when it loads. */
  readonly generation: number;
  readonly plugins: PluginCatalogue;
  /** Files are shown relative to this. */
  readonly cwd: string;
  readonly env: Environment;
  /** By which certificates are judged. Default: now. */
  readonly nowMs?: number;
  /** Taken instead of the policy files of the directory: those of an earlier generation. */
  readonly texts?: readonly PolicyText[] | undefined;
}

export type LoadResult = (
  | {
      readonly kind: 'ok';
      readonly snapshot: PolicySnapshot;
      readonly warnings: readonly PolicyIssue[];
      /** Every value as it is written: made when it is asked for. */
      readonly written: () => readonly WrittenValue[];
      /** Where a key of the set is written; undefined: nowhere. */
      readonly placeOf: (path: Path) => SourcePosition | undefined;
    }
  | {
      readonly kind: 'errors';
      /** Errors and warnings of all files, sorted by place. */
      readonly issues: readonly PolicyIssue[];
      /** False when the directory itself could not be read. */
      readonly readable: boolean;
    }
) &
  SetSources;

/** What a set was made of. */
interface SetSources {
  /** SHA-256 of its policy files, hex; undefined when there are none. */
  readonly hash: string | undefined;
  readonly texts: readonly PolicyText[];
  /** Of every file and folder that was read, as it was before. */
  readonly facts: Facts;
  /** Of certificates, keys, links and secrets: SHA-256 by absolute path. */
  readonly digests: ReadonlyMap<string, string>;
}

/**
 * Reads, checks and compiles the set below `directory`: every pass, in its order. Every error of every file is
 * in the result; nothing is thrown for what an operator wrote. The one way from files to a snapshot.
 */
export async function loadPolicy(directory: string, options: LoadOptions): Promise<LoadResult> {
  const findings = new Findings();
  const place = new PolicyDirectory(directory, options.cwd);

  const { texts } = options;
  const read = texts === undefined ? await readSet(place) : setOfTexts(place, texts);
  findings.addAll(read.findings);
  const parsed = selectFiles(read.files, place, options.plugins);
  for (const file of parsed) findings.addAll(file.findings);
  if (parsed.length === 0) return nothingRead(place, findings, read.readable);
  const { root, findings: merging } = mergeSet(parsed);
  findings.addAll(merging);

  const providers = findPlugins(root, options.plugins, findings);
  const marks = marksOf(root, providers);
  hideSecrets(root, marks, providers, findings);
  const references = { directory: place, environment: options.env, findings };
  const replaced = await resolveReferences(root, marks, references);

  const document = checkShape(root, replaced, findings);
  const rules = effectiveRules(root);
  runChecks({ root, rules, providers }, findings);
  const nowMs = options.nowMs ?? Date.now();
  const tree = { root, replaced, marks, providers };
  const gathered = await gather({ ...tree, directory: place, findings, nowMs });
  const files = parsed.map(({ file }) => file);
  if (findings.hasErrors || document === undefined) return refused(place, files, findings);

  const sources = sourcesOf(place, files);
  const snapshot = compilePolicy({
    ...gathered,
    document,
    rules,
    hasHttpsPort: hasHttpsPort(root),
    authorization: new Map(providers.map(({ name, plugin }) => [name, plugin.authorization])),
    generation: options.generation,
    hash: sources.hash!,
    directory: place.path,
    positionOf: (path) => positionOf(root, path),
  });
  lint(root, snapshot, findings);
  checkUse({ root, rules, providers }, findings);
  const written = () => writtenValues(root, (span) => findings.isHidden(span));
  const placeOf = (path: Path) => (nodeAt(root, path) ? positionOf(root, path) : undefined);
  return { kind: 'ok', snapshot, warnings: findings.issues(), written, placeOf, ...sources };
}

function nothingRead(place: PolicyDirectory, findings: Findings, readable: boolean): LoadResult {
  if (!findings.hasErrors) {
    findings.add({ code: 'E011', message: 'no *.yaml or *.yml file here', at: place.shown('.') });
  }
  return { kind: 'errors', issues: findings.issues(), readable, ...sourcesOf(place, []) };
}

function refused(
  place: PolicyDirectory,
  files: readonly SourceFile[],
  findings: Findings,
): LoadResult {
  const issues = findings.issues();
  return { kind: 'errors', issues, readable: true, ...sourcesOf(place, files) };
}

function sourcesOf(directory: PolicyDirectory, files: readonly SourceFile[]): SetSources {
  return {
    hash: files.length === 0 ? undefined : hashOf(directory, files),
    texts: textsOf(directory, files),
    facts: directory.facts,
    digests: directory.digests,
  };
}
