import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Document, Node, YAMLError, YAMLMap, YAMLSeq } from 'yaml';
import { exactNumber } from '../../core/exact-json.ts';
import type { IssueCode } from '../issues/issue-codes.ts';
import type { Finding } from '../issues/issue.ts';
import { placeText, startOf } from '../issues/issue.ts';
import {
  MAX_DEPTH,
  MAX_FAULTS,
  MAX_NODES,
  TOO_DEEP,
  TOO_MANY,
  readDocuments,
} from './yaml-documents.ts';
import type { MapEntry, Scalar, SourceFile, SourceNode, Span } from './source.ts';

/** an alias costs its whole target again, so a handful of them can ask for gigabytes. */
const MAX_ALIASES = 100;

export interface ParsedFile {
  readonly file: SourceFile;
  /** Undefined when the text is empty or nothing could be made of it. */
  readonly root: SourceNode | undefined;
  readonly findings: readonly Finding[];
}

/** Parses one file of the set as YAML 1.2 core. Never throws: what is wrong is in `findings`. */
export function parseFile(file: SourceFile): ParsedFile {
  const findings: Finding[] = [];
  try {
    return { file, root: parseText(file, findings), findings };
  } catch {
    // The parser is recursive: what it throws on hostile input is an overflow of the stack.
    findings.push({ code: 'E006', message: 'the nesting is too deep', at: startOf(file) });
    return { file, root: undefined, findings };
  }
}

function parseText(file: SourceFile, findings: Finding[]): SourceNode | undefined {
  const { documents, stopped } = readDocuments(file.text);
  if (stopped !== undefined) {
    const at = { file, start: stopped.offset, end: stopped.offset };
    findings.push({ code: stopped.code, message: stopped.reason, at });
    return undefined;
  }
  const [document, second] = documents;
  if (document === undefined) return undefined;
  for (const trouble of [...document.errors, ...document.warnings].slice(0, MAX_FAULTS)) {
    findings.push(findingOf(file, trouble));
  }
  if (second !== undefined) {
    const at = { file, start: second.range[0], end: second.range[0] };
    findings.push({ code: 'E008', message: 'more than one YAML document in the file', at });
  }
  if (document.contents === null) return undefined;
  return new Converter(file, document, findings).convert(document.contents, 0);
}

const SYNTAX: Readonly<Record<string, [IssueCode, string]>> = {
  TAB_AS_INDENT: ['E003', 'a tab in the indentation; YAML takes spaces only'],
  TAG_RESOLVE_FAILED: ['E004', 'the tag is not known; policies use plain YAML without tags'],
};

function findingOf(file: SourceFile, trouble: YAMLError): Finding {
  const [code, message] = SYNTAX[trouble.code] ?? ['E001', plainSentence(trouble.message)];
  const start = Math.min(trouble.pos[0], file.text.length);
  const end = Math.max(start, Math.min(trouble.pos[1], file.text.length));
  return { code, message, at: { file, start, end } };
}

function plainSentence(message: string): string {
  const [first = ''] = message.split('\n');
  return `not well-formed YAML: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
}

/** Turns the library's nodes into ours, with the bounds of R-47. */
class Converter {
  readonly #file: SourceFile;
  readonly #document: Document.Parsed;
  readonly #findings: Finding[];
  #aliases = 0;
  #nodes = 0;

  constructor(file: SourceFile, document: Document.Parsed, findings: Finding[]) {
    this.#file = file;
    this.#document = document;
    this.#findings = findings;
  }

  convert(node: unknown, depth: number): SourceNode | undefined {
    const span = this.#spanOf(node as Node);
    this.#nodes += 1;
    if (depth > MAX_DEPTH || this.#nodes > MAX_NODES) {
      this.#complain('E006', depth > MAX_DEPTH ? TOO_DEEP : TOO_MANY, span);
      return undefined;
    }
    if (isAlias(node)) return this.#follow(node, span, depth);
    this.#checkTag(node, span);
    if (isMap(node)) return this.#map(node, span, depth);
    if (isSeq(node)) return this.#list(node, span, depth);
    return { kind: 'scalar', value: this.#scalar(node, span), span };
  }

  #follow(alias: Alias, span: Span, depth: number): SourceNode | undefined {
    this.#aliases += 1;
    // Before it is looked up: that reads the whole document.
    if (this.#aliases > MAX_ALIASES) {
      this.#complain('E006', `more than ${MAX_ALIASES} uses of aliases`, span);
      return undefined;
    }
    const target = alias.resolve(this.#document);
    if (target === undefined) {
      this.#complain('E006', 'the alias names no anchor of this file', span);
      return undefined;
    }
    const node = this.convert(target, depth + 1);
    return node === undefined ? undefined : { ...node, span };
  }

  #map(node: YAMLMap, span: Span, depth: number): SourceNode {
    const entries = new Map<string, MapEntry>();
    for (const pair of node.items) {
      const key = this.#spanOf(pair.key as Node);
      const name = this.#keyOf(pair.key, key);
      if (name === undefined) continue;
      const first = entries.get(name);
      if (first !== undefined) {
        // The library compares values, so `1` and `"1"` are two keys to it and one to us.
        this.#complain(
          'E002',
          `the key is already in this mapping, at ${placeText(first.key)}`,
          key,
        );
        continue;
      }
      const value = this.#valueOf(pair.value, key, depth);
      if (value !== undefined) entries.set(name, { key, node: value });
    }
    return { kind: 'map', entries, span };
  }

  #valueOf(value: unknown, key: Span, depth: number): SourceNode | undefined {
    if (value === null) return { kind: 'scalar', value: null, span: key };
    const node = this.convert(value, depth + 1);
    // `key:` with nothing after it: there is no token, so the key stands for it.
    if (node?.kind === 'scalar' && node.span.start === node.span.end) return { ...node, span: key };
    return node;
  }

  #list(node: YAMLSeq, span: Span, depth: number): SourceNode {
    const items: SourceNode[] = [];
    for (const item of node.items) {
      const value = this.convert(item, depth + 1);
      if (value !== undefined) items.push(value);
    }
    return { kind: 'list', items, span };
  }

  #scalar(node: unknown, span: Span): Scalar {
    if (!isScalar(node)) return null;
    const { value, source } = node;
    if (typeof value === 'bigint')
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    if (typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value !== 'number') return null;
    const exact = exactNumber(source ?? String(value));
    if (exact !== undefined) return exact;
    const hint = 'write fewer digits, or the number in quotes where a text is wanted';
    this.#complain('E012', 'the number has more digits than can be kept', span, hint);
    return value;
  }

  #keyOf(key: unknown, span: Span): string | undefined {
    if (!isScalar(key) || key.value === null) {
      this.#complain('E009', 'a key must be a plain text', span);
      return undefined;
    }
    const name =
      typeof key.value === 'string' ? key.value : (key.source ?? JSON.stringify(key.value));
    if (name === '<<') {
      const hint = 'write the keys out; profiles will be the way to share them';
      this.#complain('E005', 'merge keys (<<) are not part of YAML 1.2', span, hint);
      return undefined;
    }
    if (name === '__proto__') {
      this.#complain('E009', 'the key "__proto__" is not allowed', span);
      return undefined;
    }
    return name;
  }

  #checkTag(node: unknown, span: Span): void {
    const { tag } = node as Node & { tag?: string };
    if (tag === undefined || /^tag:yaml.org,2002:(map|seq|str|null|bool|int|float)$/.test(tag))
      return;
    this.#complain('E004', SYNTAX['TAG_RESOLVE_FAILED']![1], span);
  }

  #spanOf(node: Node | null | undefined): Span {
    const [start, end] = node?.range ?? [0, 0];
    return { file: this.#file, start, end };
  }

  #complain(code: IssueCode, message: string, at: Span, hint?: string): void {
    if (this.#findings.length >= MAX_FAULTS) return;
    const known = this.#findings.some((finding) => isSame(finding, code, at));
    if (!known) this.#findings.push({ code, message, at, hint });
  }
}

/** One alias bomb is one complaint; a tag that the library complained of stands just before its value. */
function isSame(finding: Finding, code: IssueCode, at: Span): boolean {
  if (finding.code !== code || typeof finding.at === 'string') return false;
  if (code === 'E006') return true;
  return at.file.text.slice(finding.at.end, Math.max(finding.at.end, at.start)).trim() === '';
}
