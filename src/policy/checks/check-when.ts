import type { Findings } from '../issues/issue.ts';
import { levelsOf } from '../rules/levels.ts';
import { compileWhen } from '../rules/when/when.ts';
import { spanWithin } from '../source/span-within.ts';
import type { MapNode } from '../source/source.ts';
import { childOf, textOf } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

/** Expressions of `require.when` that are none, or have no bound (E311), at the place inside the expression. */
export function checkWhen({ root }: WrittenSet, findings: Findings): void {
  for (const { path, node } of levelsOf(root satisfies MapNode)) {
    const when = childOf(childOf(node, 'require'), 'when');
    const text = textOf(when);
    if (text === undefined || text === '') continue;
    const compiled = compileWhen(text);
    if (compiled.kind === 'ok') continue;
    const message = `the expression is not valid: ${compiled.reason}`;
    const at = spanWithin(when!.span, text, compiled);
    findings.add({ code: 'E311', message, path: [...path, 'require', 'when'], at });
  }
}
