import type { Declare } from '../declare.ts';

export const initCommand: Declare = (program, exit) => {
  program
    .command('init')
    .description(
      'Write a commented policy to begin with. Asks at most five questions on a terminal; every answer can be a flag.',
    )
    .argument('[directory]', 'directory for the policy files', 'policies')
    .option('--target <target>', 'port or address of the application, or a routing key')
    .option('--host <host>', 'host that clients use')
    .option('--login <issuer>', 'OpenID Connect issuer of the login')
    .option('--client-id <id>', 'client of the gateway at the issuer')
    .option('--link <file>', 'link file to the Skupper network, for a routing key')
    .action(async (directory: string, flags: InitFlags) => {
      const { target, host, login, clientId, link } = flags;
      const { runInit } = await import('./run-init.ts');
      exit(await runInit({ directory, target, host, login, clientId, link }));
    });
};

interface InitFlags {
  readonly target?: string;
  readonly host?: string;
  readonly login?: string;
  readonly clientId?: string;
  readonly link?: string;
}
