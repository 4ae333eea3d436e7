/** A label, then the words of its line. */
export type ExplainLine = readonly [label: string, ...words: string[]];

/** One line each, the words below each other. */
export function explainText(lines: readonly ExplainLine[]): string {
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, ...words]) => `${label.padEnd(width)}  ${words.join('  ')}\n`).join('');
}
