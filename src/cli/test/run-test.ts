import { writeFile } from 'node:fs/promises';
import { isatty } from 'node:tty';
import { loadPolicySet } from '../../app/load/load-policy-set.ts';
import { runCases } from '../../app/policy-tests/run-cases.ts';
import type { TestRun } from '../../app/policy-tests/run-cases.ts';
import { systemClock } from '../../app/system-clock.ts';
import { formatIssues } from '../../policy/issues/issue-format.ts';
import { junitReport } from './junit-report.ts';
import type { TestFormat } from './test-formats.ts';
import { jsonReport, textReport } from './test-report.ts';

export interface TestOptions {
  readonly directory: string;
  readonly format: TestFormat;
  /** Names routes, paths and providers that no case reaches. */
  readonly coverage: boolean;
  /** Undefined: standard output. */
  readonly output: string | undefined;
}

const EXIT_TESTS_FAILED = 3;

/** 0: every case passed, or there are none; 1: the set has errors; 2: it is unreadable; 3: a case failed. */
export async function runTest(options: TestOptions): Promise<number> {
  const set = await loadPolicySet(options.directory, {
    generation: 1,
    cwd: process.cwd(),
    env: process.env,
  });
  if (set.kind === 'errors') {
    process.stderr.write(formatIssues(set.issues, { format: 'text' }));
    return set.readable ? 1 : 2;
  }
  const run = await runCases(set, systemClock);
  const text = reportOf(run, options);
  if (options.output === undefined) process.stdout.write(text);
  else await writeFile(options.output, text);
  return run.failed === 0 ? 0 : EXIT_TESTS_FAILED;
}

function reportOf(run: TestRun, { format, coverage, output }: TestOptions): string {
  switch (format) {
    case 'text':
      // Undefined when it is no terminal, whatever the types say; picocolors would then ask the environment.
      return textReport(run, {
        coverage,
        color: output === undefined && isatty(1),
      });
    case 'junit':
      return junitReport(run);
    case 'json':
      return jsonReport(run);
  }
}
