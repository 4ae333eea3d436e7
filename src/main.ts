import { runProgram } from './cli/cli.ts';

process.exitCode = await runProgram(process.argv);
