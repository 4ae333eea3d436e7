import { Command, Option } from 'commander';
import { packageVersion } from '../app/version.ts';
import { runCheck } from './check.ts';
import { runGateway } from './run.ts';
import { runSchema } from './schema.ts';

/** Resolves to the exit code: 0 good, 1 errors in what was given, 2 could not read, 78 bad configuration at start. */
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
    .command('schema')
    .description('Print the JSON Schema of policy files, for editors.')
    .option('--write <file>', 'write it there instead')
    .option('--check <file>', 'exit 1 when the file is not what would be written')
    .action(async (options: { write?: string; check?: string }) => {
      code = await runSchema(options);
    });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    return exitCodeOf(error);
  }
  return code;
}

export interface LogFlags {
  readonly log: 'debug' | 'info' | 'warn' | 'error';
  readonly logFormat: 'json' | 'pretty';
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
