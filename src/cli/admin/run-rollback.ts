import type { AdminFlags } from './admin-of.ts';
import { askAdmin } from './ask-admin.ts';

export interface RollbackFlags extends AdminFlags {
  /** Undefined: the policy before. */
  readonly generation: number | undefined;
  /** Back to the files of the directory. */
  readonly release: boolean;
}

/** 0: done; 1: that policy cannot be served, and the running one was kept; 2: the gateway cannot be asked. */
export async function runRollback(flags: RollbackFlags): Promise<number> {
  const { generation, release } = flags;
  const sent = release ? { release } : { ...(generation !== undefined && { generation }) };
  const answer = await askAdmin(flags, '/-/rollback', sent);
  if (answer === undefined) return 2;
  const { generation: served, errors } = answer.value as { generation?: number; errors?: string };
  if (answer.status === 200) {
    console.log(
      release
        ? `The files are served again, as generation ${served}.`
        : `The earlier policy is served, as generation ${served}, until "fairlead rollback --release" or a reload.`,
    );
    return 0;
  }
  process.stderr.write(`${errors?.trimEnd()}\nThe running policy was kept.\n`);
  return 1;
}
