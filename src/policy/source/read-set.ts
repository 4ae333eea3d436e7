import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readText, reasonOf } from './policy-directory.ts';
import type { PolicyDirectory } from './policy-directory.ts';
import type { Finding } from '../issues/issue.ts';
import type { SourceFile } from './source.ts';
import { lineStartsOf } from './source.ts';

/** A policy of a thousand routes has about 300 KiB; 1 MiB a file and 500 files leave room. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FILES = 500;
const MAX_SET_CHARACTERS = 16 * 1024 * 1024;
const MAX_DEPTH = 16;

export interface ReadSet {
  /** Every candidate, sorted by path. Files that the set names as path or secret are still in it. */
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
  /** False when the directory itself could not be read: exit code 2 of `fairlead check`. */
  readonly readable: boolean;
}

/** Reads all `*.yaml` and `*.yml` below the directory; folders that begin with a dot are left out. */
export async function readSet(directory: PolicyDirectory): Promise<ReadSet> {
  const found: string[] = [];
  const findings: Finding[] = [];
  const report: Report = (path, reason) =>
    findings.push({ code: 'E010', message: `directory ${reason}`, at: directory.shown(path) });
  const trouble = await collect(directory.path, 0, { directory, found, report });
  if (trouble !== undefined) {
    const message = `the policy directory ${trouble}`;
    return {
      files: [],
      findings: [{ code: 'E010', message, at: directory.shown('.') }],
      readable: false,
    };
  }
  if (found.length > MAX_FILES) {
    const message = `more than ${MAX_FILES} policy files below this directory`;
    return {
      files: [],
      findings: [{ code: 'E007', message, at: directory.shown('.') }],
      readable: true,
    };
  }
  const files: SourceFile[] = [];
  let total = 0;
  for (const path of found.sort()) {
    await directory.note(path);
    const file = await readText(path, MAX_FILE_BYTES);
    const shown = directory.shown(path);
    if (file.kind === 'text' && file.text.includes('\0')) {
      const line = file.text.slice(0, file.text.indexOf('\0')).split('\n').length;
      const message = `the file has a NUL character in line ${line}, so it is not text`;
      findings.push({ code: 'E010', message, at: shown });
    } else if (file.kind === 'text' && file.text.trim() === '') {
      // What is written anew is empty for a moment: taken as it is, all that it held would be gone.
      const message = 'the file is empty; delete it, or leave a comment in it';
      findings.push({ code: 'E013', message, at: shown });
    } else if (file.kind === 'text') {
      total += file.text.length;
      if (total > MAX_SET_CHARACTERS) {
        const message = `this file and those before it have more than ${MAX_SET_CHARACTERS} characters together`;
        return {
          files: [],
          findings: [...findings, { code: 'E007', message, at: shown }],
          readable: true,
        };
      }
      files.push(sourceFile(directory, path, file.text));
    } else {
      const code = file.isTooLarge === true ? 'E007' : 'E010';
      findings.push({ code, message: `this ${file.reason}`, at: shown });
    }
  }
  return { files, findings, readable: true };
}

/** A policy file of a generation: its path below the directory of the set, and what was in it. */
export interface PolicyText {
  readonly name: string;
  readonly text: string;
}

/** The files of an earlier generation, as if they stood in the directory. */
export function setOfTexts(directory: PolicyDirectory, texts: readonly PolicyText[]): ReadSet {
  const files = texts.map(({ name, text }) =>
    sourceFile(directory, join(directory.path, name), text),
  );
  return { files, findings: [], readable: true };
}

export function textsOf(
  directory: PolicyDirectory,
  files: readonly SourceFile[],
): readonly PolicyText[] {
  return files.map(({ path, text }) => ({ name: relative(directory.path, path), text }));
}

function sourceFile(directory: PolicyDirectory, path: string, text: string): SourceFile {
  return { path, shown: directory.shown(path), text, lineStarts: lineStartsOf(text) };
}

type Report = (path: string, reason: string) => void;

interface Collected {
  readonly directory: PolicyDirectory;
  readonly found: string[];
  readonly report: Report;
}

/** Returns the reason when the directory given could not be read; deeper ones are reported. */
async function collect(
  folder: string,
  depth: number,
  into: Collected,
): Promise<string | undefined> {
  const { found, report } = into;
  await into.directory.note(folder);
  if (depth > MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} folders`;
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    return reasonOf(error);
  }
  for (const entry of entries) {
    // Kubernetes mounts a ConfigMap as `..data` and links to it: dot-folders would be read twice.
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const reason = await collect(path, depth + 1, into);
      if (reason !== undefined) report(path, reason);
    } else if (/\.ya?ml$/.test(entry.name) && found.length <= MAX_FILES) {
      found.push(path);
    }
  }
  return undefined;
}

/** SHA-256 over names and texts of the set; two sets with the same hash are the same policy. */
export function hashOf(directory: PolicyDirectory, files: readonly SourceFile[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const name = relative(directory.path, file.path);
    hash.update(`${Buffer.byteLength(name)}:${name}${Buffer.byteLength(file.text)}:`);
    hash.update(file.text);
  }
  return hash.digest('hex');
}
