import pc from 'picocolors';
import type { CaseResult, TestRun } from '../../app/policy-tests/run-cases.ts';
import { printable } from '../../policy/issues/printable.ts';
import type { SourcePosition } from '../../policy/snapshot/snapshot.ts';

export interface TextReportOptions {
  readonly coverage: boolean;
  readonly color: boolean;
}

/** What an operator reads: a line for each case, and of each that failed what was expected and what was found. */
export function textReport(run: TestRun, { coverage, color }: TextReportOptions): string {
  const colors = pc.createColors(color);
  const lines = run.cases.flatMap((result) => caseLines(result, colors));
  if (coverage) {
    lines.push('', ...coverageLines(run));
  }
  return `${[...lines, ...(lines.length > 0 ? [''] : []), closingLine(run)].join('\n')}\n`;
}

/** For programs; the same facts. */
export function jsonReport(run: TestRun): string {
  const { cases, failed, untested } = run;
  return `${JSON.stringify({ passed: cases.length - failed, failed, cases, untested }, null, 2)}\n`;
}

export function at({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`;
}

function caseLines(
  { name, position, differences }: CaseResult,
  colors: ReturnType<typeof pc.createColors>,
): string[] {
  const title = printable(name);
  if (differences.length === 0) return [`${colors.green('pass')}  ${title}`];
  const width = Math.max(...differences.map(({ key }) => key.length));
  return [
    `${colors.red('FAIL')}  ${title}  ${at(position)}`,
    ...differences.map(
      ({ key, expected, found }) =>
        `      ${key.padEnd(width)}  expected ${printable(expected)}, found ${printable(found)}`,
    ),
  ];
}

function coverageLines({ untested }: TestRun): string[] {
  if (untested.length === 0) return ['Every route, path and provider is reached by a test.'];
  const lines = untested.map(({ kind, name, position }) => `  ${kind} ${name}  ${at(position)}`);
  return ['No test reaches:', ...lines];
}

function closingLine({ cases, failed }: TestRun): string {
  if (cases.length === 0) return 'The set has no tests.';
  const passed = `${cases.length - failed} passed`;
  return failed === 0 ? passed : `${passed}, ${failed} failed`;
}
