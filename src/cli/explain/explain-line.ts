import { printable } from '../../policy/issues/printable.ts';

/** A label, then the words of its line. */
export type ExplainLine = readonly [label: string, ...words: string[]];

/** One line each, the words below each other; what a client wrote must not move the cursor of a terminal. */
export function explainText(lines: readonly ExplainLine[]): string {
  const width = Math.max(0, ...lines.map(([label]) => label.length));
  return lines
    .map(([label, ...words]) => {
      const shown = words.filter((word) => word !== '').map(printable);
      return `${label.padEnd(width)}  ${shown.join('  ')}\n`;
    })
    .join('');
}

/** What a script reads. */
export function explainJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
