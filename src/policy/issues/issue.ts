import type { Excerpt } from './excerpt.ts';
import { excerptOf } from './excerpt.ts';
import type { IssueCode, Severity } from './issue-codes.ts';
import { severityOf } from './issue-codes.ts';
import { atMost, printable, printableLines } from './printable.ts';
import type { Path, SourceFile, Span } from '../source/source.ts';
import { lineAndColumn, pathText } from '../source/source.ts';

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

/** What is printed of one issue: a name or a value can be as long as a file. */
const MAX_MESSAGE = 1000;
const MAX_HINT = 2000;
const MAX_PATH = 200;
/** Kept of one load. Rubbish can earn a complaint at each character, and nobody reads the hundredth. */
const MAX_FINDINGS = 200;

/** Collects the findings of one load, so that an operator sees all of them at once. */
export class Findings {
  readonly #errors: Finding[] = [];
  readonly #warnings: Finding[] = [];
  readonly #secretSpans: Span[] = [];
  readonly #secretValues = new Set<string>();

  get hasErrors(): boolean {
    return this.#errors.length > 0;
  }

  add(finding: Finding): void {
    const isError = severityOf(finding.code) === 'error';
    const kept = isError ? this.#errors : this.#warnings;
    if (kept.length < MAX_FINDINGS) kept.push(finding);
  }

  addAll(findings: readonly Finding[]): void {
    for (const finding of findings) this.add(finding);
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
    for (const finding of withoutConsequences([...this.#errors, ...this.#warnings])) {
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
      message: atMost(printable(this.#redact(finding.message)), MAX_MESSAGE),
      file: atMost(printable(file), MAX_MESSAGE),
      line,
      column,
      path: atMost(printable(pathText(finding.path ?? [])), MAX_PATH),
      hint:
        finding.hint === undefined
          ? undefined
          : atMost(printableLines(this.#redact(finding.hint)), MAX_HINT),
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
    return redacted;
  }
}

/** What follows from another complaint only buries it. */
function withoutConsequences(findings: readonly Finding[]): readonly Finding[] {
  const broken = new Set<SourceFile>();
  const unresolved = new Set<string>();
  const slips = new Set<string>();
  for (const { code, at } of findings) {
    if (typeof at === 'string') continue;
    if (BREAKS_STRUCTURE.has(code)) broken.add(at.file);
    if (UNRESOLVED.has(code)) unresolved.add(placeText(at));
    if (code === 'E105') slips.add(placeText(at));
  }
  return findings.filter(({ code, at }) => {
    if (typeof at === 'string' || code.startsWith('E0')) return true;
    if (broken.has(at.file)) return false;
    if (code === 'E204' && slips.has(placeText(at))) return false;
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
