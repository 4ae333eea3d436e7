// The command line: program.ts declares the commands, and each has a file with its action.
//   expose/ (init too)   certs.ts   run.ts (crash.ts, report-issues.ts)   check/   test/   diff/   explain/   schema.ts   health.ts
//   reload.ts, rollback.ts (ask-admin.ts)   redeem.ts   demo.ts
// An action gets its flags as one object, and resolves to the exit code.
export type { DemoOptions } from './demo.ts';
export { runProgram } from './program.ts';
