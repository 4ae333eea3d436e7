import { Option } from 'commander';
import type { Declare } from '../declare.ts';
import { TEST_FORMATS } from './test-formats.ts';
import type { TestFormat } from './test-formats.ts';

export const testCommand: Declare = (program, exit) => {
  program
    .command('test')
    .description(
      'Run the tests of the policy files: what becomes of each described request. No network is reached. Exit code 0: all passed, 1: errors in the policy, 2: the files cannot be read, 3: a test failed.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies')
    .addOption(
      new Option('--format <format>', 'output format').choices(TEST_FORMATS).default('text'),
    )
    .option('--coverage', 'also name the routes, paths and providers that no test reaches')
    .option('--output <file>', 'write to this file instead of standard output')
    .action(async (directory: string, options: TestFlags) => {
      const { format, coverage = false, output } = options;
      const { runTest } = await import('./run-test.ts');
      exit(await runTest({ directory, format, coverage, output }));
    });
};

interface TestFlags {
  readonly format: TestFormat;
  readonly coverage?: boolean;
  readonly output?: string;
}
