import { diffPolicies } from '../../app/policy-diff/policy-diff.ts';
import type { Change, ComparedPolicy } from '../../app/policy-diff/policy-diff.ts';
import { loadPolicySet } from '../../app/load/load-policy-set.ts';
import { formatIssues } from '../../policy/issues/issue-format.ts';
import { printable } from '../../policy/issues/printable.ts';

export interface DiffOptions {
  readonly before: string;
  readonly after: string;
  readonly format: 'text' | 'json';
  /** What opens is meant. */
  readonly allow: boolean;
}

/** 0: nothing opens, or that is allowed; 1: something opens; 2: one of the sets has errors or is unreadable. */
export async function runDiff({ before, after, format, allow }: DiffOptions): Promise<number> {
  const [old, now] = [await load(before), await load(after)];
  if (old === undefined || now === undefined) return 2;
  const changes = diffPolicies(old, now);
  process.stdout.write(
    format === 'json' ? `${JSON.stringify(changes, null, 2)}\n` : textOf(changes),
  );
  return changes.some(({ kind }) => kind === 'opens') && !allow ? 1 : 0;
}

async function load(directory: string): Promise<ComparedPolicy | undefined> {
  const set = await loadPolicySet(directory, {
    generation: 1,
    cwd: process.cwd(),
    env: process.env,
  });
  if (set.kind === 'ok') return { snapshot: set.snapshot, written: set.written() };
  process.stderr.write(formatIssues(set.issues, { format: 'text' }));
  return undefined;
}

/** `opens    app.example.com/a  asks for no login, before: corp  policies/web.yaml:3:5`. */
function textOf(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Nothing changes.\n';
  const width = Math.max(...changes.map(({ where }) => where.length));
  const lines = changes.map(({ kind, where, what, position: { file, line, column } }) =>
    [
      kind.padEnd('changes'.length),
      printable(where).padEnd(width),
      printable(what),
      `${printable(file)}:${line}:${column}`,
    ].join('  '),
  );
  return `${lines.join('\n')}\n`;
}
