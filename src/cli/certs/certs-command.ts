import type { Declare } from '../declare.ts';

export const certsCommand: Declare = (program, exit) => {
  program
    .command('certs')
    .description('Certificates for a machine of your own.')
    .command('dev')
    .description(
      'Make an authority and a certificate, or keep those that are there. Example: fairlead certs dev app.localhost',
    )
    .argument('[hosts...]', 'DNS names and IP addresses of the certificate', [
      'localhost',
      '127.0.0.1',
    ])
    .option('--dir <folder>', 'where they are kept', 'certs')
    .action(async (hosts: string[], { dir }: { dir: string }) => {
      const { runCertsDev } = await import('./run-certs-dev.ts');
      exit(await runCertsDev({ directory: dir, hosts }));
    });
};
