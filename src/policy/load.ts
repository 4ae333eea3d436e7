import { runChecks } from './checks/checks.ts';
import { compilePolicy } from './compile/compile.ts';
import type { CheckedSet } from './compile/compile.ts';
import { reportSchemaIssues } from './issues/schema-issues.ts';
import type { SchemaIssue } from './issues/schema-issues.ts';
import { PolicyDirectory } from './source/policy-directory.ts';
import { gather } from './material/gather.ts';
import { Findings } from './issues/issue.ts';
import type { PolicyIssue } from './issues/issue.ts';
import { coreSchemaJson, policySchema } from './schema/schema.ts';
import type { PluginCatalogue, PolicyDocument } from './schema/schema.ts';
import { lint } from './checks/lint.ts';
import { mergeSet } from './source/merge-set.ts';
import { findPlugins } from './providers.ts';
import type { Facts } from './source/file-facts.ts';
import { hashOf, readSet, setOfTexts, textsOf } from './source/read-set.ts';
import type { PolicyText } from './source/read-set.ts';
import { resolveReferences } from './source/resolve-references.ts';
import type { Environment } from './source/resolve-references.ts';
import { hideSecrets, marksOf } from './material/hide-secrets.ts';
import { effectiveRules } from './rules/effective-rule.ts';
import { selectFiles } from './source/select-files.ts';
import type { PolicySnapshot, SourcePosition } from './snapshot/snapshot.ts';
import type { MapNode, Path, SourceFile, SourceNode } from './source/source.ts';
import { keySpanAt, lineAndColumn, plainOf } from './source/source.ts';
import { writtenValues } from './source/written.ts';
import type { WrittenValue } from './source/written.ts';

export interface LoadOptions {
  /** What the snapshot will be called when it loads. */
  readonly generation: number;
  readonly plugins: PluginCatalogue;
  /** Files are shown relative to this. */
  readonly cwd: string;
  readonly env: Environment;
  /** Told of every value as it is written, when the set has no errors. */
  readonly onWritten?: (values: readonly WrittenValue[]) => void;
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
 * Reads, checks and compiles the set below `directory`. Every error of every file is in the result; nothing
 * is thrown for what an operator wrote. The one way from files to a snapshot.
 */
export async function loadPolicy(directory: string, options: LoadOptions): Promise<LoadResult> {
  const findings = new Findings();
  const place = new PolicyDirectory(directory, options.cwd);
  const { texts } = options;
  const read = texts === undefined ? await readSet(place) : setOfTexts(place, texts);
  findings.addAll(read.findings);
  const parsed = selectFiles(read.files, place, options.plugins);
  for (const file of parsed) findings.addAll(file.findings);
  if (parsed.length === 0) {
    if (!findings.hasErrors) {
      findings.add({ code: 'E011', message: 'no *.yaml or *.yml file here', at: place.shown('.') });
    }
    const { readable } = read;
    return { kind: 'errors', issues: findings.issues(), readable, ...sourcesOf(place, []) };
  }
  const merged = mergeSet(parsed);
  findings.addAll(merged.findings);
  const files = parsed.map(({ file }) => file);
  const context = { ...options, directory: place, findings };
  const snapshot = await checkAndCompile(merged.root, files, context);
  const sources = sourcesOf(place, files);
  const issues = findings.issues();
  if (snapshot === undefined) return { kind: 'errors', issues, readable: true, ...sources };
  const written = () => writtenValues(merged.root, (span) => findings.isHidden(span));
  return { kind: 'ok', snapshot, warnings: issues, written, ...sources };
}

function sourcesOf(directory: PolicyDirectory, files: readonly SourceFile[]): SetSources {
  return {
    hash: files.length === 0 ? undefined : hashOf(directory, files),
    texts: textsOf(directory, files),
    facts: directory.facts,
    digests: directory.digests,
  };
}

interface LoadContext extends LoadOptions {
  readonly directory: PolicyDirectory;
  readonly findings: Findings;
}

async function checkAndCompile(
  root: MapNode,
  files: readonly SourceFile[],
  context: LoadContext,
): Promise<PolicySnapshot | undefined> {
  const { directory, findings, plugins, env } = context;
  const providers = findPlugins(root, plugins, findings);
  const marks = marksOf(root, providers);
  hideSecrets(root, marks, providers, findings);
  const replaced = await resolveReferences(root, marks, { directory, environment: env, findings });
  const document = checkShape(root, replaced, findings);
  const rules = effectiveRules(root);
  runChecks({ root, rules, providers }, findings);
  const gathered = await gather({
    root,
    directory,
    replaced,
    marks,
    providers,
    findings,
    nowMs: context.nowMs ?? Date.now(),
  });
  if (findings.hasErrors || document === undefined) return undefined;
  const set: CheckedSet = {
    ...gathered,
    document,
    rules,
    authorization: new Map(providers.map(({ name, plugin }) => [name, plugin.authorization])),
    generation: context.generation,
    hash: hashOf(directory, files),
    directory: directory.path,
    positionOf: (path) => positionOf(root, path),
  };
  const snapshot = compilePolicy(set);
  lint(root, snapshot, findings);
  context.onWritten?.(writtenValues(root, (span) => findings.isHidden(span)));
  return snapshot;
}

const CORE_CODES = { type: 'E101', unknown: 'E102', missing: 'E103', value: 'E104' } as const;

function checkShape(
  root: MapNode,
  replaced: ReadonlyMap<SourceNode, string>,
  findings: Findings,
): PolicyDocument | undefined {
  const result = policySchema.safeParse(plainOf(root, replaced));
  if (result.success) return result.data;
  const issues = result.error.issues as readonly SchemaIssue[];
  const json = coreSchemaJson();
  reportSchemaIssues(issues, { root, base: [], json, codes: CORE_CODES, findings });
  return undefined;
}

/** Where the key is written, or the nearest one above it. */
function positionOf(root: MapNode, path: Path): SourcePosition {
  const span = keySpanAt(root, path) ?? keySpanAt(root, path.slice(0, 2)) ?? root.span;
  const [line, column] = lineAndColumn(span.file, span.start);
  return { file: span.file.shown, line, column };
}
