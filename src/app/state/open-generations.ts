import { stateFolder } from '../../policy/source/state-folder.ts';
import type { Log } from '../../record/record.ts';
import { Generations } from './generations.ts';
import { StateFolder } from './state-folder.ts';

interface StateOptions {
  readonly directory: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}

/**
 * The kept generations in `gateway.state`, else in $STATE_DIRECTORY (systemd.exec(5): several are parted by colons).
 * Undefined: there is no such folder, with a warning unless the policy says `off`. Rejects when the policy names one
 * that cannot be used.
 */
export async function openGenerations(options: StateOptions): Promise<Generations | undefined> {
  const { directory, cwd, env, log } = options;
  const written = await stateFolder(directory, cwd, env);
  if (written === 'off') return undefined;
  const path = written ?? env['STATE_DIRECTORY']?.split(':', 1)[0];
  if (path === undefined || path === '') {
    log.warn(
      'no state folder, so generations are not kept and "fairlead rollback" is off: set gateway.state or $STATE_DIRECTORY',
    );
    return undefined;
  }
  try {
    return await Generations.open(await StateFolder.open(path, 'generations'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the state folder ${path} cannot be used: ${reason}`, { cause: error });
  }
}
