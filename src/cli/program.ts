import { Command, InvalidArgumentError, Option } from 'commander';
import { packageVersion } from '../app/version.ts';
import { runCheck } from './check.ts';
import { runDemo } from './demo.ts';
import { runExplain } from './explain.ts';
import { claimsOption, headerOption, urlOption } from './explain-options.ts';
import { runExplainRequest } from './explain-request.ts';
import { runHealth } from './health.ts';
import { runRedeem } from './redeem.ts';
import { runGateway } from './run.ts';
import { runSchema } from './schema.ts';
import type { SchemaOptions } from './schema.ts';

/** Resolves to the exit code: 0 good, 1 errors in what was given, 2 could not read, 70 a defect, 78 bad configuration at start. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('fairlead')
    .description('The ingress gateway of Skupper networks.')
    .version(packageVersion())
    .exitOverride();
  program
    .command('run')
    .description('Serve the policy set in a directory; SIGHUP reloads it, SIGTERM drains.')
    .argument('[directory]', 'where the policy files are', 'policies')
    .addOption(logLevel())
    .addOption(logFormat())
    .action(async (directory: string, options: LogFlags) => {
      code = await runGateway({ directory, ...options, version: packageVersion() });
    });
  program
    .command('check')
    .description('Check a policy set and print every error. Exit 0 clean, 1 errors, 2 unreadable.')
    .argument('[directory]', 'where the policy files are', 'policies')
    .addOption(
      new Option('--format <format>', 'how to print')
        .choices(['text', 'json'])
        .default('text')
        .env('FAIRLEAD_FORMAT'),
    )
    .action(async (directory: string, { format }: { format: 'text' | 'json' }) => {
      code = await runCheck({ directory, format });
    });
  program
    .command('explain')
    .description(
      'Print what follows from a policy set; with --url, what would become of one request, and why. Without it: the service of each path, who is asked and what is required there, what passes through, the routing keys that the gateway may open, and how failing services are tried.',
    )
    .argument('[directory]', 'where the policy files are', 'policies')
    .option('--routing-keys', 'the routing keys alone, one a line')
    .option('--url <url>', 'say what would become of a request for this address', urlOption)
    .option('--method <method>', 'of that request', 'GET')
    .option('--header <field>', '"Name: value" of that request; may be repeated', headerOption, [])
    .addOption(new Option('--jwt <token>', 'its bearer token').conflicts('claims'))
    .option('--claims <json>', 'claims that every provider takes for verified', claimsOption)
    .action(async (directory: string, options: ExplainFlags) => {
      const { url, routingKeys = false, method, header, jwt, claims } = options;
      code =
        url === undefined
          ? await runExplain({ directory, routingKeysOnly: routingKeys })
          : await runExplainRequest({ directory, url, method, headers: header, jwt, claims });
    });
  program
    .command('schema')
    .description(
      'Print the JSON Schema of policy files, for editors, or the reference of their keys.',
    )
    .option('--reference', 'the reference page (Markdown) instead')
    .option('--write <file>', 'write it there instead')
    .option('--check <file>', 'exit 1 when the file is not what would be written')
    .action(async (options: SchemaOptions) => {
      code = await runSchema(options);
    });
  program
    .command('health')
    .description(
      'Ask a running gateway on this machine whether it is alive. Exit 0 yes, 1 no, 2 its address is not known.',
    )
    .argument('[directory]', 'where the policy files are', 'policies')
    .addOption(
      new Option(
        '--admin <address:port>',
        'its admin listener (default: gateway.admin.listen of the policy)',
      ).env('FAIRLEAD_ADMIN'),
    )
    .action(async (directory: string, { admin }: { admin?: string }) => {
      code = await runHealth({ directory, admin });
    });
  program
    .command('redeem')
    .description('Redeem a Skupper AccessToken, once, and write the link file for network.link.')
    .argument('<token>', 'what "skupper token issue" wrote')
    .addOption(
      new Option('--output <file>', 'the link file to write, mode 0600')
        .default('link.yaml')
        .env('FAIRLEAD_OUTPUT'),
    )
    .addOption(
      new Option(
        '--id-file <file>',
        "where the gateway's name in the network is kept (default: gateway-id beside the link file)",
      ).env('FAIRLEAD_ID_FILE'),
    )
    .option('--force', 'replace an existing link file')
    .action(async (token: string, options: RedeemOptions) => {
      const { output, idFile, force = false } = options;
      code = await runRedeem({ token, output, idFile, force });
    });
  program
    .command('demo')
    .description('Try it: gateway, network, application and token issuer on this machine.')
    .addOption(
      new Option('--port <port>', 'of the gateway; 0 for any free one')
        .argParser(portNumber)
        .default(8443)
        .env('FAIRLEAD_DEMO_PORT'),
    )
    .addOption(
      new Option('--dir <folder>', 'for certificates and the policy set')
        .default('.fairlead-demo')
        .env('FAIRLEAD_DEMO_DIR'),
    )
    .addOption(new Option('--keep', 'leave the folder at the end').env('FAIRLEAD_DEMO_KEEP'))
    .addOption(logLevel().default('warn'))
    .action(async ({ keep = false, ...options }: DemoFlags) => {
      code = await runDemo({ ...options, keep, version: packageVersion() });
    });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    return exitCodeOf(error);
  }
  return code;
}

interface ExplainFlags {
  readonly routingKeys?: boolean;
  readonly url?: URL;
  readonly method: string;
  readonly header: readonly string[];
  readonly jwt?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
}

interface RedeemOptions {
  readonly output: string;
  readonly idFile?: string;
  readonly force?: boolean;
}

interface DemoFlags {
  readonly port: number;
  readonly dir: string;
  readonly keep?: boolean;
  readonly log: LogFlags['log'];
}

export interface LogFlags {
  readonly log: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'json' | 'pretty';
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}

function logLevel(): Option {
  return new Option('--log <level>', 'what the system log tells')
    .choices(['debug', 'info', 'warn', 'error'])
    .default('info')
    .env('FAIRLEAD_LOG');
}

function logFormat(): Option {
  return new Option('--log-format <format>', 'how the system log is written')
    .choices(['json', 'pretty'])
    .default('json')
    .env('FAIRLEAD_LOG_FORMAT');
}

/** commander has printed its message already; anything else is a bug and may be seen whole. */
function exitCodeOf(error: unknown): number {
  const code = (error as { exitCode?: unknown }).exitCode;
  if (typeof code === 'number') return code;
  throw error;
}
