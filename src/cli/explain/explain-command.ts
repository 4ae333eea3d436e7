import { Option } from 'commander';
import { tokenFileOption } from '../admin/admin-options.ts';
import type { Declare } from '../declare.ts';
import { runExplainId } from './explain-id.ts';
import { addressOption, claimsOption, headerOption, urlOption } from './explain-options.ts';
import { runExplainRequest } from './explain-request.ts';
import { runExplain } from './explain.ts';

/** Of documentation (RFC 5737), so it is in nobody's list. */
const ANYBODY = '192.0.2.1';

export const explainCommand: Declare = (program, exit) => {
  program
    .command('explain')
    .description(
      'Show how the policy applies. With --url: what happens to one request, and why. With --id: what the running gateway decided of one. Without them: the service, the providers and the requirements of each path, the passthrough hosts, the routing keys that the gateway may use, and when a failing service is left out.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies')
    .option('--routing-keys', 'print the routing keys only, one per line')
    .option('--url <url>', 'explain a request for this URL', urlOption)
    .option('--method <method>', 'method of the request', 'GET')
    .option(
      '--header <field>',
      'header of the request, "Name: value"; may be repeated',
      headerOption,
      [],
    )
    .option('--from <address>', 'address that the connection comes from', addressOption, ANYBODY)
    .addOption(new Option('--jwt <token>', 'bearer token of the request').conflicts('claims'))
    .option(
      '--claims <json>',
      'JSON object of claims; every provider treats them as verified',
      claimsOption,
    )
    .addOption(
      new Option(
        '--id <id>',
        'explain the decision of the running gateway with this id, as Fairlead-Decision, a page or the access log has it',
      ).conflicts(['url', 'routingKeys', 'jwt', 'claims']),
    )
    .addOption(
      new Option(
        '--admin <address:port>',
        'admin address of the gateway, for --id (default: gateway.admin.listen in the policy)',
      ).env('FAIRLEAD_ADMIN'),
    )
    .addOption(tokenFileOption())
    .action(async (directory: string, options: ExplainFlags) => {
      const { url, routingKeys = false, method, header, from, jwt, claims, id } = options;
      const { admin, tokenFile } = options;
      const headers = header;
      if (id !== undefined) return exit(await runExplainId({ directory, id, admin, tokenFile }));
      exit(
        url === undefined
          ? await runExplain({ directory, routingKeysOnly: routingKeys })
          : await runExplainRequest({ directory, url, method, headers, from, jwt, claims }),
      );
    });
};

interface ExplainFlags {
  readonly routingKeys?: boolean;
  readonly url?: URL;
  readonly method: string;
  readonly header: readonly string[];
  readonly from: string;
  readonly jwt?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly id?: string;
  readonly tokenFile?: string;
  readonly admin?: string;
}
