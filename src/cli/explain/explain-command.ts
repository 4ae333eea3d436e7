import { Option } from 'commander';
import type { Command } from 'commander';
import { tokenFileOption } from '../admin/admin-options.ts';
import type { Declare } from '../declare.ts';
import {
  addressOption,
  claimsOption,
  headerOption,
  jwtOption,
  methodOption,
  urlOption,
} from './explain-options.ts';

/** Of documentation (RFC 5737), so it is in nobody's list. */
const ANYBODY = '192.0.2.1';

/** Each describes a request or asks a gateway, so it says nothing without the other. */
const NEEDS: Readonly<Record<string, string>> = {
  method: 'url',
  header: 'url',
  from: 'url',
  jwt: 'url',
  claims: 'url',
  defaults: 'url',
  admin: 'id',
  tokenFile: 'id',
};

export const explainCommand: Declare = (program, exit) => {
  const command = program
    .command('explain')
    .description(
      'Show how the policy applies. With --url: what happens to one request, and why. With --id: what the running gateway decided of one. With --service: how a service is reached, and by whom. Without them: the service, the providers and the requirements of each path, the passthrough hosts, the routing keys that the gateway may use, and when a failing service is left out. Exit code 0: explained, 1: errors in the policy, or what was asked for is not there, 2: the arguments are wrong, the files cannot be read, or the gateway cannot be asked.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies');
  declareForms(command);
  declareRequest(command);
  command.action(async (directory: string, options: ExplainFlags) => {
    refuseAlone(command);
    exit(await explain(directory, options));
  });
};

function declareForms(command: Command): void {
  command
    .option('--url <url>', 'explain a request for this URL', urlOption)
    .addOption(
      new Option(
        '--id <id>',
        'explain the decision of the running gateway with this id, as Fairlead-Decision, a page or the access log has it',
      ).conflicts(['url', 'routingKeys', 'service']),
    )
    .addOption(
      new Option(
        '--service <name>',
        'explain one service: the way to it, its settings, and the paths that lead there',
      ).conflicts(['url', 'routingKeys']),
    )
    .addOption(
      new Option('--routing-keys', 'print the routing keys only, one per line').conflicts('url'),
    )
    .addOption(
      new Option('--format <format>', 'output format')
        .choices(['text', 'json'])
        .default('text')
        .env('FAIRLEAD_FORMAT'),
    )
    .addOption(
      new Option(
        '--admin <address:port>',
        'admin address of the gateway, for --id (default: gateway.admin.listen in the policy)',
      ).env('FAIRLEAD_ADMIN'),
    )
    .addOption(tokenFileOption());
}

function declareRequest(command: Command): void {
  command
    .option('--method <method>', 'method of the request', methodOption, 'GET')
    .option(
      '--header <field>',
      'header of the request, "Name: value"; may be repeated',
      headerOption,
      [],
    )
    .option('--from <address>', 'address that the connection comes from', addressOption, ANYBODY)
    .addOption(
      new Option('--jwt <token>', 'bearer token of the request')
        .argParser(jwtOption)
        .conflicts('claims'),
    )
    .option(
      '--claims <json>',
      'JSON object of claims; every provider treats them as verified',
      claimsOption,
    )
    .option('--defaults', 'also what holds where the request ends without being written');
}

/** What is set in the environment may be meant for another command. */
function refuseAlone(command: Command): void {
  for (const [option, needed] of Object.entries(NEEDS)) {
    const isGiven = command.getOptionValueSource(option) === 'cli';
    if (!isGiven || command.getOptionValue(needed) !== undefined) continue;
    const { long } = command.options.find((each) => each.attributeName() === option)!;
    command.error(`error: option '${long}' needs --${needed}`);
  }
}

async function explain(directory: string, options: ExplainFlags): Promise<number> {
  const { id, url, service, routingKeys = false, format } = options;
  const isJson = format === 'json';
  if (id !== undefined) {
    const { admin, tokenFile } = options;
    const { runExplainId } = await import('./run-explain-id.ts');
    return runExplainId({ directory, id, admin, tokenFile, isJson });
  }
  if (url === undefined) {
    const { runExplain } = await import('./run-explain.ts');
    return runExplain({ directory, routingKeysOnly: routingKeys, service, isJson });
  }
  const { method, header: headers, from, jwt, claims, defaults = false } = options;
  const described = { url, method, headers, from, jwt, claims };
  const { runExplainRequest } = await import('./run-explain-request.ts');
  return runExplainRequest({ directory, ...described, defaults, isJson });
}

interface ExplainFlags {
  readonly url?: URL;
  readonly id?: string;
  readonly service?: string;
  readonly routingKeys?: boolean;
  readonly format: 'text' | 'json';
  readonly admin?: string;
  readonly tokenFile?: string;
  readonly method: string;
  readonly header: readonly string[];
  readonly from: string;
  readonly jwt?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly defaults?: boolean;
}
