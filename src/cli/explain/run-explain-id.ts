import type { DecisionRecord } from '../../record/record.ts';
import type { AdminFlags } from '../admin/admin-of.ts';
import { readAdmin } from '../admin/ask-admin.ts';
import { explainJson, explainText } from './explain-line.ts';
import { recordLines } from './record-lines.ts';

export interface ExplainIdFlags extends AdminFlags {
  readonly id: string;
  readonly isJson: boolean;
}

/** 0: printed; 1: no such decision is kept; 2: the gateway cannot be asked. */
export async function runExplainId(flags: ExplainIdFlags): Promise<number> {
  const { id, isJson } = flags;
  const answer = await readAdmin(flags, `/-/decisions/${encodeURIComponent(id)}`);
  if (answer === undefined) return 2;
  if (answer.status !== 200) {
    console.error(`fairlead: ${id}: ${String(answer.value)}`);
    return 1;
  }
  const record = answer.value as DecisionRecord;
  process.stdout.write(isJson ? explainJson(record) : explainText(recordLines(record)));
  return 0;
}
