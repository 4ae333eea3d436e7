/** undici's words for a connection that it needs no more; "aborted" is for a request that was given up. */
const FAREWELLS: ReadonlySet<string> = new Set(['reset', 'socket idle timeout']);

/** Whether a connection destroyed with this error came to its end well, so that a lane need not be aborted. */
export function isFarewell(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'UND_ERR_INFO' && FAREWELLS.has(error.message);
}
