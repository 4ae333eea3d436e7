import { isatty } from 'node:tty';
import { loadPolicySet } from '../../app/load/load-policy-set.ts';
import type { PolicyIssue } from '../../policy/issues/issue.ts';
import { formatIssues } from '../../policy/issues/issue-format.ts';
import type { CheckFormat } from './check-formats.ts';
import { githubLines } from './github.ts';
import { sarifOf } from './sarif.ts';

export interface CheckOptions {
  readonly directory: string;
  readonly format: CheckFormat;
}

/** Prints every error and warning of the set. 0: clean or warnings only; 1: errors; 2: unreadable. */
export async function runCheck({ directory, format }: CheckOptions): Promise<number> {
  const set = await loadPolicySet(directory, {
    generation: 1,
    cwd: process.cwd(),
    env: process.env,
  });
  const issues = set.kind === 'ok' ? set.warnings : set.issues;
  process.stdout.write(reportOf(issues, format));
  if (set.kind === 'ok') {
    if (format === 'text') process.stdout.write(summary(set.snapshot));
    return 0;
  }
  return set.readable ? 1 : 2;
}

function reportOf(issues: readonly PolicyIssue[], format: CheckFormat): string {
  switch (format) {
    case 'text':
    case 'json':
      return formatIssues(issues, { format, color: isatty(1) });
    case 'sarif':
      return sarifOf(issues);
    case 'github':
      return githubLines(issues);
  }
}

function summary(snapshot: {
  readonly routes: {
    readonly exact: { readonly size: number };
    readonly wildcards: readonly unknown[];
  };
  readonly services: { readonly size: number };
  readonly providers: { readonly size: number };
}): string {
  const hosts = snapshot.routes.exact.size + snapshot.routes.wildcards.length;
  const parts = [
    counted(hosts, 'host'),
    counted(snapshot.services.size, 'service'),
    counted(snapshot.providers.size, 'provider'),
  ];
  return `ok: ${parts.join(', ')}\n`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
