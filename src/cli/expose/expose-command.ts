import { packageVersion } from '../../app/version.ts';
import type { Declare } from '../declare.ts';
import { logLevel } from '../log-options.ts';
import type { LogFlags } from '../log-options.ts';
import { targetOption } from './expose-target.ts';
import type { ExposeTarget } from './expose-target.ts';

export const exposeCommand: Declare = (program, exit) => {
  program
    .command('expose')
    .description(
      'Serve one application over https at once, with a certificate that is made and kept. Example: fairlead expose 3000',
    )
    .argument(
      '<target>',
      'port or http address of an application of this machine, or a routing key of the Skupper network',
      targetOption,
    )
    .option('--host <host>', 'host that clients use', 'localhost')
    .option('--listen <address:port>', 'where the gateway listens', '127.0.0.1:8443')
    .option('--login <issuer>', 'ask for a login at this OpenID Connect issuer')
    .option('--client-id <id>', 'client of the gateway at the issuer')
    .option('--client-secret-file <file>', 'file with the secret of that client')
    .option('--public', 'let everybody in, also where other machines reach the port')
    .option('--link <file>', 'link file to the Skupper network, for a routing key')
    .option('--write <directory>', 'write the policy there instead of serving')
    .addOption(logLevel().default('warn'))
    .action(async (target: ExposeTarget, flags: ExposeFlags) => {
      const { public: isPublic = false, login, clientId, clientSecretFile, link, write } = flags;
      const { runExpose } = await import('./run-expose.ts');
      exit(
        await runExpose({
          ...flags,
          target,
          isPublic,
          login,
          clientId,
          clientSecretFile,
          link,
          write,
          version: packageVersion(),
        }),
      );
    });
};

interface ExposeFlags {
  readonly host: string;
  readonly listen: string;
  readonly login?: string;
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly public?: boolean;
  readonly link?: string;
  readonly write?: string;
  readonly log: LogFlags['log'];
}
