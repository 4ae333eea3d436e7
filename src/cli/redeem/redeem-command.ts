import { Option } from 'commander';
import type { Declare } from '../declare.ts';

export const redeemCommand: Declare = (program, exit) => {
  program
    .command('redeem')
    .description(
      'Redeem a Skupper AccessToken and write the link file for network.link. A token can be redeemed once.',
    )
    .argument('<token>', 'token file, as written by "skupper token issue"')
    .addOption(
      new Option('--output <file>', 'link file to write, with mode 0600')
        .default('link.yaml')
        .env('FAIRLEAD_OUTPUT'),
    )
    .addOption(
      new Option(
        '--id-file <file>',
        "file that keeps the gateway's name in the network (default: gateway-id, in the directory of the link file)",
      ).env('FAIRLEAD_ID_FILE'),
    )
    .option('--force', 'overwrite an existing link file')
    .action(async (token: string, options: RedeemOptions) => {
      const { output, idFile, force = false } = options;
      const { runRedeem } = await import('./run-redeem.ts');
      exit(await runRedeem({ token, output, idFile, force }));
    });
};

interface RedeemOptions {
  readonly output: string;
  readonly idFile?: string;
  readonly force?: boolean;
}
