import { createHash } from 'node:crypto';
import type { SourcePosition } from '../snapshot/snapshot.ts';
import type { ListNode, Path, ScalarNode, SourceNode, Span } from './source.ts';
import { lineAndColumn, pathText, walk } from './source.ts';

/** One value of a set as its operator wrote it. */
export interface WrittenValue {
  /** `services.web.timeout.response`. */
  readonly path: string;
  /** For people; `[redacted]` in the place of a secret. */
  readonly shown: string;
  /** Equal for equal values, secrets too. Not for people. */
  readonly digest: string;
  readonly isSecret: boolean;
  readonly position: SourcePosition;
}

/** Every value of the set; a list of plain values counts as one. `isHidden`: what stands there must not be shown. */
export function writtenValues(
  root: SourceNode,
  isHidden: (span: Span) => boolean,
): readonly WrittenValue[] {
  const nodes = [...walk(root)];
  return nodes.flatMap(([path, node]) => {
    if (isPlainList(node)) return [written(path, node, isHidden)];
    if (node.kind !== 'scalar' || isInPlainList(root, path)) return [];
    return [written(path, node, isHidden)];
  });
}

type Leaf = ScalarNode | PlainList;
interface PlainList extends ListNode {
  readonly items: readonly ScalarNode[];
}

function isPlainList(node: SourceNode): node is PlainList {
  return node.kind === 'list' && node.items.every(({ kind }) => kind === 'scalar');
}

function isInPlainList(root: SourceNode, path: Path): boolean {
  if (typeof path.at(-1) !== 'number') return false;
  let parent: SourceNode | undefined = root;
  for (const key of path.slice(0, -1)) {
    if (parent?.kind === 'map') parent = parent.entries.get(String(key))?.node;
    else if (parent?.kind === 'list') parent = parent.items[Number(key)];
  }
  return parent !== undefined && isPlainList(parent);
}

function written(path: Path, node: Leaf, isHidden: (span: Span) => boolean): WrittenValue {
  const scalars: readonly ScalarNode[] = node.kind === 'scalar' ? [node] : node.items;
  const isSecret = scalars.some(({ span }) => isHidden(span));
  const text = scalars.map(({ value }) => String(value)).join(', ');
  const [line, column] = lineAndColumn(node.span.file, node.span.start);
  return {
    path: pathText(path),
    shown: isSecret ? '[redacted]' : text,
    digest: createHash('sha256').update(text).digest('base64url'),
    isSecret,
    position: { file: node.span.file.shown, line, column },
  };
}
