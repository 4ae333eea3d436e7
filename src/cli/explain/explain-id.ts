import type { DecisionRecord } from '../../record/record.ts';
import { adminOf } from '../admin/admin-of.ts';
import type { AdminFlags } from '../admin/admin-of.ts';
import { credentialsOf, messageOf } from '../admin/ask-admin.ts';
import { explainText } from './explain-line.ts';
import { recordLines } from './explain-record.ts';

/** The admin listener answers from memory. */
const ANSWER_MS = 5000;

export interface ExplainIdFlags extends AdminFlags {
  readonly id: string;
}

/** 0: printed; 1: no such decision is kept; 2: the gateway cannot be asked. */
export async function runExplainId(flags: ExplainIdFlags): Promise<number> {
  const address = await adminOf(flags);
  if (address === undefined) return 2;
  const url = `${address}/-/decisions/${encodeURIComponent(flags.id)}`;
  try {
    const response = await fetch(url, {
      headers: await credentialsOf(flags),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (response.ok) {
      process.stdout.write(explainText(recordLines((await response.json()) as DecisionRecord)));
      return 0;
    }
    console.error(
      `fairlead: ${new URL(address).host}: ${flags.id}: ${(await response.text()).trim()}`,
    );
    return response.status === 404 ? 1 : 2;
  } catch (error) {
    console.error(`fairlead: ${new URL(address).host}: ${messageOf(error)}`);
    return 2;
  }
}
