import type { Findings } from '../issues/issue.ts';
import { levelsOf } from '../rules/levels.ts';
import { compileWhen } from '../rules/when/when.ts';
import type { CompiledWhen } from '../rules/when/when.ts';
import type { MapNode, ScalarNode, Span } from '../source/source.ts';
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
    const at = spanOf(when as ScalarNode, text, compiled);
    findings.add({ code: 'E311', message, path: [...path, 'require', 'when'], at });
  }
}

type Wrong = Extract<CompiledWhen, { readonly kind: 'wrong' }>;

/**
 * The part of the file. A text on one line stands there as it is; of a block each line does, indented. A text that is
 * written otherwise (folded, with escapes) is marked as a whole.
 */
function spanOf({ span }: ScalarNode, text: string, { start, end }: Wrong): Span {
  const written = span.file.text.slice(span.start, span.end);
  const offset = written.indexOf(text.trimEnd());
  if (offset >= 0) return partOf(span, offset + start, end - start);
  const before = text.slice(0, start);
  const line = before.split('\n').length - 1;
  const lines = written.split('\n');
  const own = text.split('\n')[line] ?? '';
  // The first line of a block has its mark, `|` or `>`.
  const indent = lines[line + 1]?.indexOf(own) ?? -1;
  if (indent < 0 || own.trim() === '') return span;
  const begin = lines.slice(0, line + 1).join('\n').length + 1;
  const column = start - (before.lastIndexOf('\n') + 1);
  return partOf(span, begin + indent + column, Math.min(end - start, own.length - column));
}

/** At least one character: where a text ends too early, the last. */
function partOf(span: Span, offset: number, length: number): Span {
  const start = Math.min(span.start + offset, span.end - 1);
  return { file: span.file, start, end: Math.min(start + Math.max(length, 1), span.end) };
}
