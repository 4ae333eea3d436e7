import { Command, InvalidArgumentError, Option } from 'commander';
import { packageVersion } from '../app/version.ts';
import { CHECK_FORMATS, runCheck } from './check/run-check.ts';
import type { CheckFormat } from './check/run-check.ts';
import { runCertsDev } from './certs.ts';
import { runDemo } from './demo.ts';
import { runExplain } from './explain/explain.ts';
import { addressOption, claimsOption, headerOption, urlOption } from './explain/explain-options.ts';
import { runExplainId } from './explain/explain-id.ts';
import { runExplainRequest } from './explain/explain-request.ts';
import { runDiff } from './diff/run-diff.ts';
import { targetOption } from './expose/expose-target.ts';
import type { ExposeTarget } from './expose/expose-target.ts';
import { runExpose } from './expose/run-expose.ts';
import { runInit } from './expose/run-init.ts';
import { runHealth } from './health.ts';
import { logFormat, logLevel } from './log-options.ts';
import type { LogFlags } from './log-options.ts';
import { runRedeem } from './redeem.ts';
import { runReload } from './reload.ts';
import { runRollback } from './rollback.ts';
import { runGateway } from './run.ts';
import { runSchema } from './schema.ts';
import type { SchemaOptions } from './schema.ts';
import { runTest, TEST_FORMATS } from './test/run-test.ts';
import type { TestFormat } from './test/run-test.ts';

/** Receives the exit code of the command that ran. */
type Exit = (code: number) => void;

/** Declares one command of the program. */
type Declare = (program: Command, exit: Exit) => void;

/** In the order of `fairlead --help`. */
const COMMANDS: readonly Declare[] = [
  expose,
  init,
  run,
  check,
  test,
  diff,
  explain,
  schema,
  health,
  certs,
  reload,
  rollback,
  redeem,
  demo,
];

/** Resolves to the exit code: 0 good, 1 errors in what was given, 2 could not read, 70 a defect, 78 bad configuration at start. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = new Command('fairlead')
    .description('The ingress gateway of Skupper networks.')
    .version(packageVersion())
    .exitOverride();
  for (const declare of COMMANDS) declare(program, (ended) => (code = ended));
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    return exitCodeOf(error);
  }
  return code;
}

function expose(program: Command, exit: Exit): void {
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
}

function init(program: Command, exit: Exit): void {
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
      exit(await runInit({ directory, target, host, login, clientId, link }));
    });
}

function certs(program: Command, exit: Exit): void {
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
      exit(await runCertsDev({ directory: dir, hosts }));
    });
}

function run(program: Command, exit: Exit): void {
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
      exit(await runGateway({ directory, testOnReload, ...options, version: packageVersion() }));
    });
}

function check(program: Command, exit: Exit): void {
  program
    .command('check')
    .description(
      'Check the policy files and print every error and warning. Exit code 0: no errors, 1: errors, 2: the files cannot be read.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies')
    .addOption(
      new Option('--format <format>', 'output format')
        .choices(CHECK_FORMATS)
        .default('text')
        .env('FAIRLEAD_FORMAT'),
    )
    .action(async (directory: string, { format }: { format: CheckFormat }) => {
      exit(await runCheck({ directory, format }));
    });
}

function test(program: Command, exit: Exit): void {
  program
    .command('test')
    .description(
      'Run the tests of the policy files: what becomes of each described request. No network is reached. Exit code 0: all passed, 1: errors in the policy, 2: the files cannot be read, 3: a test failed.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies')
    .addOption(
      new Option('--format <format>', 'output format').choices(TEST_FORMATS).default('text'),
    )
    .option('--coverage', 'also name the routes, paths and providers that no test reaches')
    .option('--output <file>', 'write to this file instead of standard output')
    .action(async (directory: string, options: TestFlags) => {
      const { format, coverage = false, output } = options;
      exit(await runTest({ directory, format, coverage, output }));
    });
}

function diff(program: Command, exit: Exit): void {
  program
    .command('diff')
    .description(
      'Say in words what is different between two directories of policy files: what opens, what closes, and what else changes. Exit code 0: nothing opens, 1: something opens, 2: one of the policies has errors or cannot be read.',
    )
    .argument('<old>', 'directory of the old policy files')
    .argument('<new>', 'directory of the new policy files')
    .addOption(
      new Option('--format <format>', 'output format').choices(['text', 'json']).default('text'),
    )
    .option('--allow', 'exit with 0 although something opens')
    .action(async (before: string, after: string, options: DiffFlags) => {
      const { format, allow = false } = options;
      exit(await runDiff({ before, after, format, allow }));
    });
}

function explain(program: Command, exit: Exit): void {
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
}

/** Of documentation (RFC 5737), so it is in nobody's list. */
const ANYBODY = '192.0.2.1';

function schema(program: Command, exit: Exit): void {
  program
    .command('schema')
    .description(
      'Print the JSON Schema of policy files, for editors, or the reference page of their keys.',
    )
    .option('--reference', 'the reference page (Markdown) instead of the JSON Schema')
    .option('--write <file>', 'write to this file instead of standard output')
    .option(
      '--check <file>',
      'compare this file with what would be printed; exit code 1 when they differ',
    )
    .action(async (options: SchemaOptions) => {
      exit(await runSchema(options));
    });
}

function health(program: Command, exit: Exit): void {
  program
    .command('health')
    .description(
      'Check that the gateway on this machine is alive. Exit code 0: alive, 1: not alive, 2: its admin address is not known.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies')
    .addOption(
      new Option(
        '--admin <address:port>',
        'admin address of the gateway (default: gateway.admin.listen in the policy)',
      ).env('FAIRLEAD_ADMIN'),
    )
    .action(async (directory: string, { admin }: { admin?: string }) => {
      exit(await runHealth({ directory, admin }));
    });
}

function reload(program: Command, exit: Exit): void {
  program
    .command('reload')
    .description(
      'Have the gateway on this machine read its policy files again. Exit code 0: they are served, 1: they have errors and the running policy was kept, 2: the gateway cannot be asked.',
    )
    .argument('[directory]', 'directory of the policy files', 'policies')
    .addOption(adminAddressOption())
    .addOption(tokenFileOption())
    .action(async (directory: string, { admin, tokenFile }: AdminOptions) => {
      exit(await runReload({ directory, admin, tokenFile }));
    });
}

function rollback(program: Command, exit: Exit): void {
  program
    .command('rollback')
    .description(
      'Have the gateway on this machine serve an earlier policy, with the certificates and secrets of now, until it is released or a reload is asked for. Exit code 0: done, 1: that policy cannot be served and the running one was kept, 2: the gateway cannot be asked.',
    )
    .argument('[generation]', 'number of the generation (default: the one before)', wholeNumber)
    .option('--release', 'serve the files of the directory again')
    .option('--directory <directory>', 'directory of the policy files', 'policies')
    .addOption(adminAddressOption())
    .addOption(tokenFileOption())
    .action(async (generation: number | undefined, options: RollbackOptions) => {
      exit(await runRollback({ generation, ...options, release: options.release ?? false }));
    });
}

function adminAddressOption(): Option {
  return new Option(
    '--admin <address:port>',
    'admin address of the gateway, or its URL (default: gateway.admin.listen in the policy)',
  ).env('FAIRLEAD_ADMIN');
}

function tokenFileOption(): Option {
  return new Option('--token-file <file>', 'file with a token of gateway.admin.auth').env(
    'FAIRLEAD_TOKEN_FILE',
  );
}

function redeem(program: Command, exit: Exit): void {
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
      exit(await runRedeem({ token, output, idFile, force }));
    });
}

function demo(program: Command, exit: Exit): void {
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
      exit(await runDemo({ ...options, keep, version: packageVersion() }));
    });
}

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

interface InitFlags {
  readonly target?: string;
  readonly host?: string;
  readonly login?: string;
  readonly clientId?: string;
  readonly link?: string;
}

interface RunFlags extends LogFlags {
  readonly testOnReload?: boolean;
}

interface RollbackOptions {
  readonly directory: string;
  readonly release?: boolean;
  readonly admin: string | undefined;
  readonly tokenFile?: string;
}

interface AdminOptions {
  readonly admin?: string;
  readonly tokenFile?: string;
}

interface DiffFlags {
  readonly format: 'text' | 'json';
  readonly allow?: boolean;
}

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

interface TestFlags {
  readonly format: TestFormat;
  readonly coverage?: boolean;
  readonly output?: string;
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

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a number from 1');
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a port from 0 to 65535.');
}

/** commander has printed its message already; anything else is a bug and may be seen whole. */
function exitCodeOf(error: unknown): number {
  const code = (error as { exitCode?: unknown }).exitCode;
  if (typeof code === 'number') return code;
  throw error;
}
