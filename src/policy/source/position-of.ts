import type { SourcePosition } from '../snapshot/snapshot.ts';
import type { MapNode, Path } from './source.ts';
import { keySpanAt, lineAndColumn } from './source.ts';

/** Where the key is written, or the nearest one above it. */
export function positionOf(root: MapNode, path: Path): SourcePosition {
  const span = keySpanAt(root, path) ?? keySpanAt(root, path.slice(0, 2)) ?? root.span;
  const [line, column] = lineAndColumn(span.file, span.start);
  return { file: span.file.shown, line, column };
}
