/** A label, then the words of its line. */
export type ExplainLine = readonly [label: string, ...words: string[]];
