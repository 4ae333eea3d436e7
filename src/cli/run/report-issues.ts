import type { LoadedSet } from '../../app/load/load-policy-set.ts';
import { formatIssues, shownIssues } from '../../policy/issues/issue-format.ts';
import type { Log } from '../../record/record.ts';

export interface IssueReportOptions {
  readonly log: Log;
  readonly logFormat: 'json' | 'pretty';
  readonly stderr: Pick<NodeJS.WriteStream, 'write'> & { readonly isTTY?: boolean };
  /** The generation that goes on serving, at a refused reload. */
  readonly keptGeneration: number | undefined;
}

/**
 * Tells what is wrong with a set that was loaded or refused. A person at a terminal gets the report of
 * `fairlead check`; what collects JSON lines gets a line for each issue, and nothing else between them.
 */
export function reportIssues(set: LoadedSet, options: IssueReportOptions): void {
  const issues = set.kind === 'ok' ? set.warnings : set.issues;
  const { stderr, keptGeneration } = options;
  if (options.logFormat === 'json' && stderr.isTTY !== true) return logIssues(issues, options);
  const kept = keptGeneration === undefined || set.kind === 'ok' ? {} : { keptGeneration };
  stderr.write(formatIssues(issues, { format: 'text', color: stderr.isTTY === true, ...kept }));
}

function logIssues(
  issues: Parameters<typeof shownIssues>[0],
  { log }: Pick<IssueReportOptions, 'log'>,
): void {
  const shown = shownIssues(issues);
  for (const { severity, code, file, line, column, path, message, hint } of shown) {
    const say = severity === 'error' ? log.error : log.warn;
    say(message, { code, file, line, column, path, ...(hint !== undefined && { hint }) });
  }
  const left = issues.length - shown.length;
  if (left > 0) log.warn(`${left} more issues of the policy are not shown: run "fairlead check"`);
}
