import type { Command } from 'commander';

/** Receives the exit code of the command that ran. */
type Exit = (code: number) => void;

/** Declares one command of the program: its options, its help and its action. */
export type Declare = (program: Command, exit: Exit) => void;
