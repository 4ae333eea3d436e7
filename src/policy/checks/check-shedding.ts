import type { Findings } from '../issues/issue.ts';
import { childOf, entriesOf, textOf } from '../source/source.ts';
import { effectReport } from './effect-report.ts';
import type { WrittenSet } from './written-set.ts';

/** Priorities and shedding have an effect only together (E111). */
export function checkShedding({ root }: WrittenSet, findings: Findings): void {
  const report = effectReport(root, findings);
  const tiers = entriesOf(childOf(root, 'tiers'));
  if (childOf(childOf(root, 'gateway'), 'shedding') === undefined) {
    for (const [name] of tiers) {
      const why = 'without "gateway.shedding" nobody is refused by priority';
      report(['tiers', name, 'priority'], why, 'add "gateway.shedding", or remove it');
    }
    return;
  }
  const isAbove = tiers.some(([, { node }]) => textOf(childOf(node, 'priority')) !== '1');
  if (isAbove) return;
  const why = 'no tier has a "priority" above 1, which a request without a tier has';
  report(['gateway', 'shedding'], why, 'add "tiers" with priorities');
}
