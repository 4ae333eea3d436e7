import type { SourceNode } from './source.ts';

const PLAIN = /^[A-Za-z0-9_./*@-][^,:#{}[\]"'\n]*$/;

/** A value in one line, as an operator may have written it. References stay references. */
export function writtenText(node: SourceNode): string {
  if (node.kind === 'list') return `[${node.items.map(writtenText).join(', ')}]`;
  if (node.kind === 'map') {
    const entries = [...node.entries].map(
      ([key, { node: value }]) => `${quoted(key)}: ${writtenText(value)}`,
    );
    return `{ ${entries.join(', ')} }`;
  }
  return typeof node.value === 'string' ? quoted(node.value) : String(node.value);
}

function quoted(text: string): string {
  return PLAIN.test(text) ? text : JSON.stringify(text);
}
