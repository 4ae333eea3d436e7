import XMLBuilder from 'fast-xml-builder';
import type { CaseResult, TestRun } from '../../app/policy-tests/run-cases.ts';
import { printable } from '../../policy/issues/printable.ts';
import { at } from './test-report.ts';

/** JUnit XML as continuous integration reads it (the schema of the Jenkins xUnit plugin): one suite, a case each. */
export function junitReport({ cases, failed }: TestRun): string {
  const counts = { '@_name': 'fairlead', '@_tests': cases.length, '@_failures': failed };
  const seconds = cases.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  const suite = { ...counts, '@_time': seconds.toFixed(3), testcase: cases.map(caseOf) };
  const builder = new XMLBuilder({ ignoreAttributes: false, format: true });
  return builder.build({
    '?xml': { '@_version': '1.0', '@_encoding': 'UTF-8' },
    testsuites: { ...counts, testsuite: suite },
  });
}

function caseOf({ name, position, differences, ms }: CaseResult): Record<string, unknown> {
  const common = {
    '@_name': printable(name),
    '@_classname': printable(position.file),
    '@_file': printable(position.file),
    '@_line': position.line,
    '@_time': (ms / 1000).toFixed(3),
  };
  if (differences.length === 0) return common;
  const lines = differences.map(
    ({ key, expected, found }) =>
      `${key}: expected ${printable(expected)}, found ${printable(found)}`,
  );
  const failure = { '@_message': lines[0], '#text': [at(position), ...lines].join('\n') };
  return { ...common, failure };
}
