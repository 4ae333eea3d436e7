import type { Log } from '../../record/record.ts';

/** sysexits.h EX_SOFTWARE: a supervisor can tell a defect of ours from a bad configuration (78). */
const EXIT_CRASH = 70;

/**
 * What is thrown or rejected outside of every exchange, and handled by nobody, ends the process at once:
 * what it left half done is unknown, and a gateway in doubt must not decide who passes. Access lines that
 * wait are written as the process exits.
 */
export function endOnCrash(log: Log): void {
  process.on('uncaughtException', (error: unknown, origin) => {
    try {
      log.error('stopped by an unhandled error: this is a bug in the gateway', {
        origin,
        stack: error instanceof Error ? error.stack : String(error),
      });
    } finally {
      process.exit(EXIT_CRASH);
    }
  });
}
