import pc from 'picocolors';
import type { PolicyIssue } from './issue.ts';

export interface IssueFormatOptions {
  readonly format: 'text' | 'json';
  /** Only for a terminal. */
  readonly color?: boolean;
  /** The generation that goes on serving, at a refused reload. */
  readonly keptGeneration?: number;
}

/** More than this nobody reads; a count says how many were left out. */
const MAX_SHOWN = 50;

/** What the operator reads, ended by a newline; empty text when there is nothing to say. */
export function formatIssues(issues: readonly PolicyIssue[], options: IssueFormatOptions): string {
  if (options.format === 'json') return `${JSON.stringify(issues, null, 2)}\n`;
  if (issues.length === 0) return '';
  const colors = pc.createColors(options.color ?? false);
  const blocks = shownIssues(issues).map((issue) => formatIssue(issue, colors));
  const left = issues.length - blocks.length;
  if (left > 0) blocks.push(`… and ${left} more not shown`);
  return `${[...blocks, closingLine(issues, options.keptGeneration)].join('\n\n')}\n`;
}

type Colors = ReturnType<typeof pc.createColors>;

/** Sorted by place as they come; when some must be left out, warnings are left out before errors. */
export function shownIssues(issues: readonly PolicyIssue[]): readonly PolicyIssue[] {
  if (issues.length <= MAX_SHOWN) return issues;
  const errors = issues.filter((issue) => issue.severity === 'error');
  const warnings = issues.filter((issue) => issue.severity === 'warning');
  const chosen = new Set([...errors, ...warnings].slice(0, MAX_SHOWN));
  return issues.filter((issue) => chosen.has(issue));
}

function formatIssue(issue: PolicyIssue, colors: Colors): string {
  const paint = issue.severity === 'error' ? colors.red : colors.yellow;
  const place = issue.line === 0 ? issue.file : `${issue.file}:${issue.line}:${issue.column}`;
  const heading = `${place}: ${paint(`${issue.severity} ${issue.code}`)}: ${issue.message}`;
  const lines = [colors.bold(heading), ...excerptLines(issue, paint)];
  if (issue.excerpt === undefined && issue.hint !== undefined) lines.push(hanging(issue.hint));
  if (issue.path !== '') lines.push(`      = at ${issue.path}`);
  return lines.join('\n');
}

function excerptLines(issue: PolicyIssue, paint: (text: string) => string): string[] {
  const { excerpt } = issue;
  if (excerpt === undefined) return [];
  const lines = excerpt.lines.map((line) =>
    `${String(line.number).padStart(5)} | ${line.text}`.trimEnd(),
  );
  const above = excerpt.lines.at(-1)!.text.slice(0, excerpt.caret);
  const carets = paint('^'.repeat(excerpt.length));
  const [first, ...rest] = issue.hint?.split('\n') ?? [];
  const said = first === undefined ? '' : ` ${first}`;
  // Tabs of the line above are kept, so that the carets stand below the token.
  lines.push(`      | ${above.replace(/[^\t]/g, ' ')}${carets}${said}`);
  return [...lines, ...rest.map((line) => `      | ${line}`.trimEnd())];
}

function hanging(hint: string): string {
  return hint
    .split('\n')
    .map((line) => `      | ${line}`.trimEnd())
    .join('\n');
}

function closingLine(issues: readonly PolicyIssue[], keptGeneration: number | undefined): string {
  const errors = issues.filter((issue) => issue.severity === 'error').length;
  const warnings = issues.length - errors;
  const counts = [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ];
  const files = new Set(issues.map((issue) => issue.file)).size;
  const kept =
    errors === 0 || keptGeneration === undefined
      ? ''
      : ` The running configuration (generation ${keptGeneration}) was kept.`;
  return `${counts.join(' and ')} in ${count(files, 'file')}.${kept}`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
