import { Option } from 'commander';
import { packageVersion } from '../../app/version.ts';
import type { Declare } from '../declare.ts';
import { logFormat, logLevel } from '../log-options.ts';
import type { LogFlags } from '../log-options.ts';

export const runCommand: Declare = (program, exit) => {
  program
    .command('run')
    .description(
      'Start the gateway with the policy files of a directory. SIGHUP reloads them; SIGTERM finishes open requests, then stops.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies')
    .addOption(
      new Option(
        '--test-on-reload',
        'run the tests of the policy files before a reload; when one fails, the running policy stays',
      ).env('FAIRLEAD_TEST_ON_RELOAD'),
    )
    .addOption(logLevel())
    .addOption(logFormat())
    .action(async (directory: string, { testOnReload = false, ...options }: RunFlags) => {
      const { runGateway } = await import('./run-gateway.ts');
      exit(await runGateway({ directory, testOnReload, ...options, version: packageVersion() }));
    });
};

interface RunFlags extends LogFlags {
  readonly testOnReload?: boolean;
}
