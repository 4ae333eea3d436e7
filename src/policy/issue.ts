import type { Excerpt } from './excerpt.ts';
import { UNPRINTABLE, excerptOf } from './excerpt.ts';
import type { IssueCode, Severity } from './issue-codes.ts';
import { severityOf } from './issue-codes.ts';
import type { Path, SourceFile, Span } from './source.ts';
import { lineAndColumn, pathText } from './source.ts';

/** One complaint, complete in itself and free of secrets: it may be printed, logged and sent. */
export interface PolicyIssue {
  readonly code: IssueCode;
  readonly severity: Severity;
  readonly message: string;
  /** As shown to the user. */
  readonly file: string;
  /** 1-based; 0 when the complaint is about the file or directory as a whole. */
  readonly line: number;
  readonly column: number;
  /** Logical path such as `routes.web.auth[2]`; empty when there is none. */
  readonly path: string;
  /** What to do, or what may have been meant. */
  readonly hint: string | undefined;
  readonly excerpt: Excerpt | undefined;
}

export interface Finding {
  readonly code: IssueCode;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly path?: Path;
  /** Where it is written; a plain string names a file or directory as a whole. */
  readonly at: Span | string;
}

/** After these, what the parser made of the file is a guess. */
const BREAKS_STRUCTURE: ReadonlySet<IssueCode> = new Set(['E001', 'E003', 'E006']);
/** After these, the value is still the reference and not what it stands for. */
const UNRESOLVED: ReadonlySet<IssueCode> = new Set(['E105', 'E204', 'E209']);
const JUDGES_VALUE: ReadonlySet<IssueCode> = new Set(['E101', 'E104', 'E404', 'E405']);

// A hint may have lines of its own.
const KEEP_NEWLINE = new RegExp(`(?!\\n)${UNPRINTABLE.source}`, 'gu');

/** Collects the findings of one load; nothing stops at the first (house style, Errors). */
export class Findings {
  readonly #findings: Finding[] = [];
  readonly #secretSpans: Span[] = [];
  readonly #secretValues = new Set<string>();

  get hasErrors(): boolean {
    return this.#findings.some((finding) => severityOf(finding.code) === 'error');
  }

  add(finding: Finding): void {
    this.#findings.push(finding);
  }

  addAll(findings: readonly Finding[]): void {
    this.#findings.push(...findings);
  }

  /** The text at this place must not be shown. */
  hideSpan(span: Span): void {
    this.#secretSpans.push(span);
  }

  isHidden(span: Span): boolean {
    return this.#secretSpans.includes(span);
  }

  /** This value must not be shown, whoever quotes it. */
  hideValue(value: string): void {
    // A shorter value would blank out half of every message, and is no secret worth the name.
    if (value.length >= 4) this.#secretValues.add(value);
  }

  /** All of them, sorted by place, identical ones once, without those that follow from another. */
  issues(): readonly PolicyIssue[] {
    const seen = new Map<string, PolicyIssue>();
    for (const finding of withoutConsequences(this.#findings)) {
      const issue = this.#finish(finding);
      seen.set(`${issue.file}:${issue.line}:${issue.column}:${issue.code}:${issue.message}`, issue);
    }
    return [...seen.values()].sort(byPlace);
  }

  #finish(finding: Finding): PolicyIssue {
    const [file, line, column] = placeOf(finding.at);
    return {
      code: finding.code,
      severity: severityOf(finding.code),
      message: this.#redact(finding.message),
      file,
      line,
      column,
      path: pathText(finding.path ?? []),
      hint: finding.hint === undefined ? undefined : this.#redact(finding.hint),
      excerpt: this.#excerpt(finding.at, line),
    };
  }

  #excerpt(at: Span | string, line: number): Excerpt | undefined {
    if (typeof at === 'string') return undefined;
    return excerptOf(at, line, [...this.#secretSpans, ...this.#secretsAround(at.file, line)]);
  }

  /** Copies of a secret in the lines that will be shown, where nothing marks them. */
  #secretsAround(file: SourceFile, line: number): Span[] {
    const from = file.lineStarts[Math.max(0, line - 2)]!;
    const shown = file.text.slice(from, file.lineStarts[line]);
    const spans: Span[] = [];
    for (const value of this.#secretValues) {
      for (let at = shown.indexOf(value); at !== -1; at = shown.indexOf(value, at + value.length)) {
        spans.push({ file, start: from + at, end: from + at + value.length });
      }
    }
    return spans;
  }

  #redact(text: string): string {
    let redacted = text;
    for (const value of this.#secretValues) redacted = redacted.replaceAll(value, '[redacted]');
    return redacted.replace(KEEP_NEWLINE, '\uFFFD');
  }
}

/** What follows from another complaint only buries it. */
function withoutConsequences(findings: readonly Finding[]): readonly Finding[] {
  const broken = new Set<SourceFile>();
  const unresolved = new Set<string>();
  for (const { code, at } of findings) {
    if (typeof at === 'string') continue;
    if (BREAKS_STRUCTURE.has(code)) broken.add(at.file);
    if (UNRESOLVED.has(code)) unresolved.add(placeText(at));
  }
  return findings.filter(({ code, at }) => {
    if (typeof at === 'string' || code.startsWith('E0')) return true;
    if (broken.has(at.file)) return false;
    return !(JUDGES_VALUE.has(code) && unresolved.has(placeText(at)));
  });
}

/** `policies/web.yaml:5:3`, for a message that names another place. */
export function placeText(span: Span): string {
  const [file, line, column] = placeOf(span);
  return `${file}:${line}:${column}`;
}

function placeOf(at: Span | string): [file: string, line: number, column: number] {
  if (typeof at === 'string') return [at, 0, 0];
  return [at.file.shown, ...lineAndColumn(at.file, at.start)];
}

/** The whole of a file, for a complaint that has no narrower place. */
export function startOf(file: SourceFile): Span {
  return { file, start: 0, end: 0 };
}

function byPlace(a: PolicyIssue, b: PolicyIssue): number {
  return (
    compareText(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    compareText(a.code, b.code) ||
    compareText(a.message, b.message)
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
