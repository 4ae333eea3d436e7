import type { Log } from '../record/log.ts';

/** sysexits.h EX_SOFTWARE: a supervisor can tell a defect of ours from a bad configuration (78). */
const EXIT_CRASH = 70;

export interface CrashParts {
  readonly log: Log;
  /** Writes access lines that wait in a buffer. Synchronous. */
  readonly flush: () => void;
}

/**
 * What is thrown or rejected outside of every exchange, and handled by nobody, ends the process at once:
 * what it left half done is unknown, and a gateway in doubt must not decide who passes.
 */
export function endOnCrash({ log, flush }: CrashParts): void {
  process.on('uncaughtException', (error: unknown, origin) => {
    try {
      log.error('stopped by an error that nothing handled: this is a defect', {
        origin,
        stack: error instanceof Error ? error.stack : String(error),
      });
      flush();
    } finally {
      process.exit(EXIT_CRASH);
    }
  });
}
