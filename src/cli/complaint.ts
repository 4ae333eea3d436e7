/** Something that the user can mend: said as one sentence, without a stack. */
export class Complaint extends Error {}

/** Of the arguments together, or of files that they name. */
const EXIT_USAGE = 2;

/** The command's own exit code; 2 after a complaint, or what the file system said. A defect stays an exception. */
export async function orComplain(command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (!(error instanceof Complaint) && !isOfFiles(error)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return EXIT_USAGE;
  }
}

/** `ENOENT: no such file or directory, open 'x'`. */
function isOfFiles(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && /^E[A-Z]+$/.test(String((error as NodeJS.ErrnoException).code));
}
