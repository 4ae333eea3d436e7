import { Command, CommanderError } from 'commander';
import { packageVersion } from '../app/version.ts';
import { healthCommand } from './admin/health-command.ts';
import { reloadCommand } from './admin/reload-command.ts';
import { rollbackCommand } from './admin/rollback-command.ts';
import { certsCommand } from './certs/certs-command.ts';
import { checkCommand } from './check/check-command.ts';
import { demoCommand } from './demo/demo-command.ts';
import { diffCommand } from './diff/diff-command.ts';
import { explainCommand } from './explain/explain-command.ts';
import { exposeCommand } from './expose/expose-command.ts';
import { initCommand } from './expose/init-command.ts';
import { redeemCommand } from './redeem/redeem-command.ts';
import { runCommand } from './run/run-command.ts';
import { schemaCommand } from './schema/schema-command.ts';
import { testCommand } from './test/test-command.ts';
import type { Declare } from './declare.ts';

/** In the order of `fairlead --help`. */
const COMMANDS: readonly Declare[] = [
  exposeCommand,
  initCommand,
  runCommand,
  checkCommand,
  testCommand,
  diffCommand,
  explainCommand,
  schemaCommand,
  healthCommand,
  certsCommand,
  reloadCommand,
  rollbackCommand,
  redeemCommand,
  demoCommand,
];

/** Resolves to the exit code: 0 good, 1 errors in what was given, 2 wrong arguments or could not read, 70 a defect, 78 bad configuration at start. */
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

/** As of a complaint: 1 is something that was found in what was given. */
const EXIT_USAGE = 2;

/** commander has printed its message already; anything else is a bug and may be seen whole. */
function exitCodeOf(error: unknown): number {
  if (!(error instanceof CommanderError)) throw error;
  return error.exitCode === 0 ? 0 : EXIT_USAGE;
}
