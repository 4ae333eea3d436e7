import { Option } from 'commander';
import type { Declare } from '../declare.ts';

export const healthCommand: Declare = (program, exit) => {
  program
    .command('health')
    .description(
      'Check that the gateway on this machine is alive. Exit code 0: alive, 1: not alive, 2: its admin address is not known.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies')
    .addOption(
      new Option(
        '--admin <address:port>',
        'admin address of the gateway (default: gateway.admin.listen in the policy)',
      ).env('FAIRLEAD_ADMIN'),
    )
    .action(async (directory: string, { admin }: { admin?: string }) => {
      const { runHealth } = await import('./run-health.ts');
      exit(await runHealth({ directory, admin }));
    });
};
