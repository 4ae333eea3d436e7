import type { Span } from './source.ts';

/**
 * Where a part of a text stands in the file; `span` is the whole text's, `start` and `end` are offsets in it. A text
 * on one line stands there as it is; of a block each line does, indented. A text that is written otherwise (folded,
 * with escapes) is marked as a whole.
 */
export function spanWithin(
  span: Span,
  text: string,
  { start, end }: { readonly start: number; readonly end: number },
): Span {
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
