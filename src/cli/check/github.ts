import type { PolicyIssue } from '../../policy/issues/issue.ts';

/**
 * Lines that GitHub Actions shows beside the changed lines (its documentation: Workflow commands, "Setting an
 * error message").
 */
export function githubLines(issues: readonly PolicyIssue[]): string {
  return issues.map(lineOf).join('');
}

function lineOf({ code, severity, message, hint, file, line, column }: PolicyIssue): string {
  const place = line === 0 ? '' : `,line=${line},col=${column}`;
  const text = hint === undefined ? message : `${message}\n${hint}`;
  return `::${severity} file=${property(file)}${place},title=${code}::${escaped(text)}\n`;
}

/** A line end would end the command. */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** Within a property, its separators too. */
function property(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
