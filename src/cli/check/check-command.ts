import { Option } from 'commander';
import type { Declare } from '../declare.ts';
import { CHECK_FORMATS } from './check-formats.ts';
import type { CheckFormat } from './check-formats.ts';

export const checkCommand: Declare = (program, exit) => {
  program
    .command('check')
    .description(
      'Check the policy files and print every error and warning. Exit code 0: no errors, 1: errors, 2: the files cannot be read.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies')
    .addOption(
      new Option('--format <format>', 'output format')
        .choices(CHECK_FORMATS)
        .default('text')
        .env('FAIRLEAD_FORMAT'),
    )
    .action(async (directory: string, { format }: { format: CheckFormat }) => {
      const { runCheck } = await import('./run-check.ts');
      exit(await runCheck({ directory, format }));
    });
};
