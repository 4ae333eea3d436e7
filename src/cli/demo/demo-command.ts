import { InvalidArgumentError, Option } from 'commander';
import { packageVersion } from '../../app/version.ts';
import type { Declare } from '../declare.ts';
import { logLevel } from '../log-options.ts';
import type { LogFlags } from '../log-options.ts';

export const demoCommand: Declare = (program, exit) => {
  program
    .command('demo')
    .description(
      'Start a complete demo on this machine: gateway, network, application and token issuer.',
    )
    .addOption(
      new Option('--port <port>', 'port of the gateway; 0 picks a free one')
        .argParser(portNumber)
        .default(8443)
        .env('FAIRLEAD_DEMO_PORT'),
    )
    .addOption(
      new Option('--dir <folder>', 'folder for certificates and policy files')
        .default('.fairlead-demo')
        .env('FAIRLEAD_DEMO_DIR'),
    )
    .addOption(new Option('--keep', 'keep the folder when the demo ends').env('FAIRLEAD_DEMO_KEEP'))
    .addOption(logLevel().default('warn'))
    .action(async ({ keep = false, ...options }: DemoFlags) => {
      const { runDemo } = await import('./run-demo.ts');
      exit(await runDemo({ ...options, keep, version: packageVersion() }));
    });
};

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}

interface DemoFlags {
  readonly port: number;
  readonly dir: string;
  readonly keep?: boolean;
  readonly log: LogFlags['log'];
}
