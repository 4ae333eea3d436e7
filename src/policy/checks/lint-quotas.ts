import type { Findings } from '../issues/issue.ts';
import type { MapNode, SourceNode } from '../source/source.ts';
import { childOf, keySpanAt } from '../source/source.ts';
import { writtenLimits } from './written-limits.ts';

/** A quota lasts for up to a month, and the memory of a process for as long as that (W318). */
export function lintQuotas(root: MapNode, findings: Findings): void {
  const hasStore = childOf(childOf(root, 'gateway'), 'store') !== undefined;
  for (const [path, limits] of writtenLimits(root)) {
    const at = keySpanAt(root, [...path, 'quota']);
    const isOwn = isFalse(childOf(limits, 'shared'));
    if (at === undefined || (hasStore && !isOwn)) continue;
    findings.add({
      code: 'W318',
      message: `the quota is counted in memory${isOwn ? ', because "shared" is false' : ''}: each gateway counts by itself and begins again when it restarts`,
      hint: isOwn ? 'remove "shared: false"' : 'add "gateway.store" with a Redis',
      path: [...path, 'quota'],
      at,
    });
  }
}

function isFalse(node: SourceNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === false;
}
