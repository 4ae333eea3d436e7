import { Option } from 'commander';
import type { Declare } from '../declare.ts';

export const diffCommand: Declare = (program, exit) => {
  program
    .command('diff')
    .description(
      'Say in words what is different between two directories of policy files: what opens, what closes, and what else changes. Exit code 0: nothing opens, 1: something opens, 2: one of the policies has errors or cannot be read.',
    )
    .argument('<old>', 'directory of the old policy files')
    .argument('<new>', 'directory of the new policy files')
    .addOption(
      new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'),
    )
    .option('--allow', 'exit with 0 although something opens')
    .action(async (before: string, after: string, options: DiffFlags) => {
      const { format, allow = false } = options;
      const { runDiff } = await import('./run-diff.ts');
      exit(await runDiff({ before, after, format, allow }));
    });
};

interface DiffFlags {
  readonly format: 'text' | 'json';
  readonly allow?: boolean;
}
