import type { SourceFile, Span } from '../source/source.ts';

/** The lines an issue shows. Secrets are masked in it already. */
export interface Excerpt {
  readonly lines: readonly { readonly number: number; readonly text: string }[];
  /** 0-based position of the caret below the last line, and how many carets. */
  readonly caret: number;
  readonly length: number;
}

const REDACTED = '[redacted]';
/** Longer lines are cut around the caret; a terminal shows about this much. */
const MAX_WIDTH = 160;
/** As in `printable.ts`, but each stands for itself by one sign, so that the caret keeps its column. */
const UNPRINTABLE = /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** One line before the token, the token's line, and where the carets go. */
export function excerptOf(span: Span, line: number, secrets: readonly Span[]): Excerpt {
  const shown = renderLine(span.file, line, secrets, span);
  const lines = [{ number: line, text: shown.text }];
  if (line > 1) {
    const before = renderLine(span.file, line - 1, secrets, undefined);
    lines.unshift({ number: line - 1, text: before.text });
  }
  return { lines, caret: shown.caret, length: shown.length };
}

interface RenderedLine {
  readonly text: string;
  readonly caret: number;
  readonly length: number;
}

function renderLine(
  file: SourceFile,
  line: number,
  secrets: readonly Span[],
  token: Span | undefined,
): RenderedLine {
  const start = file.lineStarts[line - 1]!;
  const next = file.lineStarts[line] ?? file.text.length + 1;
  const end = Math.max(start, file.text[next - 2] === '\r' ? next - 2 : next - 1);
  const pieces = new MaskedLine();
  let at = start;
  for (const secret of secretsWithin(file, secrets, start, end)) {
    // Secrets may overlap: a marked value, and a copy of another inside it.
    if (secret.end <= at) continue;
    if (secret.start > at) pieces.literal(file.text.slice(at, secret.start), at);
    const until = Math.min(secret.end, end);
    pieces.mask(Math.max(secret.start, at), until);
    at = until;
  }
  pieces.literal(file.text.slice(at, end), at);
  if (token === undefined) return crop(pieces.text, 0, 0);
  const from = pieces.columnOf(token.start);
  const to = pieces.columnOf(Math.min(token.end, end));
  return crop(pieces.text, from, Math.max(1, to - from));
}

function secretsWithin(file: SourceFile, secrets: readonly Span[], start: number, end: number) {
  return secrets
    .filter((secret) => secret.file === file && secret.start < end && secret.end > start)
    .sort((a, b) => a.start - b.start);
}

/** A line in which stretches were replaced, and which still knows where an offset came to lie. */
class MaskedLine {
  text = '';
  readonly #stretches: { from: number; to: number; column: number; masked: boolean }[] = [];

  literal(text: string, offset: number): void {
    this.#add(offset, offset + text.length, false);
    this.text += text.replace(UNPRINTABLE, (found) => '\uFFFD'.repeat(found.length));
  }

  mask(from: number, to: number): void {
    this.#add(from, to, true);
    this.text += REDACTED;
  }

  columnOf(offset: number): number {
    for (const stretch of this.#stretches) {
      if (offset >= stretch.to) continue;
      return stretch.masked ? stretch.column : stretch.column + Math.max(0, offset - stretch.from);
    }
    return this.text.length;
  }

  #add(from: number, to: number, masked: boolean): void {
    this.#stretches.push({ from, to, column: this.text.length, masked });
  }
}

function crop(text: string, caret: number, length: number): RenderedLine {
  if (text.length <= MAX_WIDTH) return { text, caret, length };
  const from = Math.max(0, Math.min(caret - MAX_WIDTH / 2, text.length - MAX_WIDTH));
  const head = from > 0 ? '…' : '';
  const tail = from + MAX_WIDTH < text.length ? '…' : '';
  const visible = text.slice(from, from + MAX_WIDTH);
  const shift = head.length - from;
  return {
    text: head + visible + tail,
    caret: caret + shift,
    length: Math.max(1, Math.min(length, MAX_WIDTH - (caret - from))),
  };
}
