// The command line: program.ts puts the commands together. Each has a folder with its options and help (NAME-command.ts)
// and its action (run-NAME.ts):
//   expose/ (init too)   certs/   run/   check/   test/   diff/   explain/   schema/   admin/ (health, reload, rollback)   redeem/   demo/
// An action is loaded when its command is given, gets its flags as one object, and resolves to the exit code.
export type { DemoOptions } from './demo/run-demo.ts';
export { runProgram } from './program.ts';
