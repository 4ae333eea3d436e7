import type { Declare } from '../declare.ts';
import { adminAddressOption, tokenFileOption } from './admin-options.ts';

export const reloadCommand: Declare = (program, exit) => {
  program
    .command('reload')
    .description(
      'Have the gateway on this machine read its policy files again. Exit code 0: they are served, 1: they have errors and the running policy was kept, 2: the gateway cannot be asked.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies')
    .addOption(adminAddressOption())
    .addOption(tokenFileOption())
    .action(async (directory: string, { admin, tokenFile }: AdminOptions) => {
      const { runReload } = await import('./run-reload.ts');
      exit(await runReload({ directory, admin, tokenFile }));
    });
};

interface AdminOptions {
  readonly admin?: string;
  readonly tokenFile?: string;
}
