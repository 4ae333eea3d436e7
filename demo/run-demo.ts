import type { DemoOptions } from '../src/cli/cli.ts';
import { Demo } from './demo.ts';
import { PortTaken, freePorts, isPortFree } from './ports.ts';
import { StopSignal } from './stop-signal.ts';

/**
 * Starts all parts, prints three commands, and stops all of it at a signal. Resolves to the exit code:
 * 0 after a signal, 1 with a sentence on standard error when a part could not start.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  using stop = new StopSignal();
  await using parts = new AsyncDisposableStack();
  try {
    if (options.port !== 0 && !(await isPortFree(options.port))) throw new PortTaken(options.port);
    // The issuer has to know the gateway's address before there is one.
    const port = options.port === 0 ? (await freePorts('gateway')).gateway : options.port;
    await new Demo({ ...options, port }, parts, stop.signal).start();
    await stop.requested;
  } catch (error) {
    if (!stop.signal.aborted) return complain(error);
  }
  console.log('\nStopping …');
  return 0;
}

function complain(error: unknown): number {
  console.error(`\nfairlead demo: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
}
