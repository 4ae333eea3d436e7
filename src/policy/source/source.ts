// From the files of a folder to one tree, as it was written.
//   policy-directory, read-set, select-files    which files form the set, read (file-facts: one state apart from another)
//   yaml-documents, parse-file                  YAML → tree; nothing behind them knows YAML
//   merge-set                                   the trees of all files → one
//   resolve-references, reference-slips         `${env:…}` and `${file:…}`, and what only looks like one
//   written, written-text, position-of          a value as its operator wrote it, and where (span-within: a part of one)
//   admin-address, state-folder                 one value of a set that is not judged

/**
 * The policy set as it was written: values together with the place of every key and value, so that each
 * later step can name file, line and column. Made by `parse-file.ts`; nothing here knows YAML.
 */
export interface SourceFile {
  /** Absolute path. */
  readonly path: string;
  /** As shown to the user. */
  readonly shown: string;
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly lineStarts: readonly number[];
}

/** A stretch of one file, `end` exclusive. */
export interface Span {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** An integer beyond 2^53 is a bigint: a double would be another one. */
export type Scalar = string | number | bigint | boolean | null;
export type SourceNode = ScalarNode | MapNode | ListNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: Scalar;
  readonly span: Span;
}

export interface MapNode {
  readonly kind: 'map';
  /** A Map, since the keys are the operator's (R-47, R-49). */
  readonly entries: ReadonlyMap<string, MapEntry>;
  readonly span: Span;
}

export interface MapEntry {
  readonly key: Span;
  readonly node: SourceNode;
}

export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly SourceNode[];
  readonly span: Span;
}

export type Path = readonly (string | number)[];

export function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** 1-based line and column of an offset; columns count UTF-16 units, as editors do. */
export function lineAndColumn(file: SourceFile, offset: number): [line: number, column: number] {
  let low = 0;
  let high = file.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (file.lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return [low + 1, offset - file.lineStarts[low]! + 1];
}

/** The entry below a mapping, or the item of a list; undefined when there is none. */
export function childOf(
  node: SourceNode | undefined,
  key: string | number,
): SourceNode | undefined {
  if (node?.kind === 'map') return node.entries.get(String(key))?.node;
  if (node?.kind === 'list' && typeof key === 'number') return node.items[key];
  return undefined;
}

export function nodeAt(root: SourceNode, path: Path): SourceNode | undefined {
  let node: SourceNode | undefined = root;
  for (const key of path) node = childOf(node, key);
  return node;
}

export function entriesOf(node: SourceNode | undefined): readonly [string, MapEntry][] {
  return node?.kind === 'map' ? [...node.entries] : [];
}

export function itemsOf(node: SourceNode | undefined): readonly SourceNode[] {
  return node?.kind === 'list' ? node.items : [];
}

/** `key:` with nothing after it, or `null`. */
export function isNull(node: SourceNode | undefined): boolean {
  return node?.kind === 'scalar' && node.value === null;
}

export function textOf(node: SourceNode | undefined): string | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : undefined;
}

/** Where the key of the last step is written; for a list item the item itself. */
export function keySpanAt(root: SourceNode, path: Path): Span | undefined {
  const last = path.at(-1);
  if (last === undefined) return undefined;
  const parent = nodeAt(root, path.slice(0, -1));
  if (parent?.kind === 'map') return parent.entries.get(String(last))?.key;
  return childOf(parent, last)?.span;
}

/** The exact token a complaint about the value points to: a scalar itself, else its key. */
export function tokenSpanAt(root: SourceNode, path: Path): Span {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const upTo = path.slice(0, depth);
    const node = nodeAt(root, upTo);
    if (depth === path.length && node?.kind === 'scalar' && node.span.end > node.span.start) {
      return node.span;
    }
    const key = keySpanAt(root, upTo);
    if (key !== undefined) return key;
  }
  return root.span;
}

/** Every node with its path, parents first. */
export function* walk(node: SourceNode, path: Path = []): Generator<[Path, SourceNode]> {
  yield [path, node];
  if (node.kind === 'map') {
    for (const [key, entry] of node.entries) yield* walk(entry.node, [...path, key]);
  }
  if (node.kind === 'list') {
    for (const [index, item] of node.items.entries()) yield* walk(item, [...path, index]);
  }
}

/** The values alone, in objects without a prototype (R-47). `replaced` holds what references became. */
export function plainOf(node: SourceNode, replaced: ReadonlyMap<SourceNode, string>): unknown {
  if (node.kind === 'scalar') return replaced.get(node) ?? node.value;
  if (node.kind === 'list') return node.items.map((item) => plainOf(item, replaced));
  const plain = Object.create(null) as Record<string, unknown>;
  for (const [key, entry] of node.entries) plain[key] = plainOf(entry.node, replaced);
  return plain;
}

const SIMPLE_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `routes.web.auth[2]`, `routes.web.paths["/public/**"].auth`. */
export function pathText(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (SIMPLE_KEY.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}
