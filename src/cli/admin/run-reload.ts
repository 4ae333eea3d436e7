import type { AdminFlags } from './admin-of.ts';
import { askAdmin } from './ask-admin.ts';

/** 0: the set is served; 1: it was refused, and its errors are printed; 2: the gateway cannot be asked. */
export async function runReload(flags: AdminFlags): Promise<number> {
  const answer = await askAdmin(flags, '/-/reload');
  if (answer === undefined) return 2;
  const { generation, errors } = answer.value as { generation?: number; errors?: string };
  if (answer.status === 200) {
    console.log(`Generation ${generation} is served.`);
    return 0;
  }
  process.stderr.write(`${errors?.trimEnd()}\nThe running policy was kept.\n`);
  return 1;
}
