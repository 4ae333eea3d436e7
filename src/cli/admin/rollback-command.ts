import { InvalidArgumentError } from 'commander';
import type { Declare } from '../declare.ts';
import { adminAddressOption, tokenFileOption } from './admin-options.ts';

export const rollbackCommand: Declare = (program, exit) => {
  program
    .command('rollback')
    .description(
      'Have the gateway on this machine serve an earlier policy, with the certificates and secrets of now, until it is released or a reload is asked for. Exit code 0: done, 1: that policy cannot be served and the running one was kept, 2: the gateway cannot be asked.',
    )
    .argument('[generation]', 'number of the generation (default: the one before)', wholeNumber)
    .option('--release', 'serve the files of the directory again')
    .option('--directory <directory>', 'directory of the policy files', 'policies')
    .addOption(adminAddressOption())
    .addOption(tokenFileOption())
    .action(async (generation: number | undefined, options: RollbackOptions) => {
      const { runRollback } = await import('./run-rollback.ts');
      exit(await runRollback({ generation, ...options, release: options.release ?? false }));
    });
};

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a number from 1');
}

interface RollbackOptions {
  readonly directory: string;
  readonly release?: boolean;
  readonly admin: string | undefined;
  readonly tokenFile?: string;
}
