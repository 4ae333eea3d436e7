// What is different between two policies, in words, and whether somebody may do more than before.
//   places.ts            each host and path that one of them names, and the rule that each has there
//   access.ts            who may pass one rule and not the other
//   rule-differences.ts  everything that differs between the rules of one place
//   address-differences.ts  whom lists of addresses let in
//   passthrough-changes.ts  hosts whose TLS goes through, and whose
//   setting-changes.ts   everything outside of the routes, as it is written; of lists of addresses, who is in them
//                        (address-changes.ts)
import type { PolicySnapshot, Rule } from '../../policy/snapshot/snapshot.ts';
import type { WrittenValue } from '../../policy/source/written.ts';
import { targetWords } from '../../evaluate/route/words.ts';
import { authWords } from './access.ts';
import type { Change } from './change.ts';
import { passthroughChanges } from './passthrough-changes.ts';
import { placesOf } from './places.ts';
import type { Place } from './places.ts';
import { ruleDifferences } from './rule-differences.ts';
import { settingChanges } from './setting-changes.ts';
export type { Change } from './change.ts';

export interface ComparedPolicy {
  readonly snapshot: PolicySnapshot;
  readonly written: readonly WrittenValue[];
}

/** What opens first, then what closes, then the rest; each in the order of the policy. */
export function diffPolicies(before: ComparedPolicy, after: ComparedPolicy): readonly Change[] {
  const changes = [
    ...placesOf(before.snapshot, after.snapshot).flatMap(changesAt),
    ...passthroughChanges(before.snapshot, after.snapshot),
    ...settingChanges(before.written, after.written),
  ];
  const order: readonly Change['kind'][] = ['opens', 'closes', 'changes'];
  return order.flatMap((kind) => changes.filter((change) => change.kind === kind));
}

function changesAt({ where, old, new: now }: Place): readonly Change[] {
  if (old === undefined && now === undefined) return [];
  if (old === undefined) return [{ kind: 'opens', where, ...said(now!, 'is new: it') }];
  if (now === undefined) {
    return [{ kind: 'closes', where, what: 'is not served any more', position: old.position }];
  }
  const { position } = now;
  return ruleDifferences(old, now).map((difference) => ({ ...difference, where, position }));
}

function said(rule: Rule, how: string): Pick<Change, 'what' | 'position'> {
  const what = `${how} ${leads(rule)} and asks for ${authWords(rule.auth)}`;
  return { what, position: rule.position };
}

function leads(rule: Rule): string {
  const words = targetWords(rule);
  return rule.answer === undefined ? `goes ${words}` : `answers: ${words},`;
}
