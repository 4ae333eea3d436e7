import type { IssueCode } from '../issues/issue-codes.ts';
import type { Findings } from '../issues/issue.ts';
import { keySpanAt, nodeAt, textOf } from '../source/source.ts';
import type { MapNode, Path } from '../source/source.ts';

/** Says of a key or an item of a list that is written why it has no effect; of one that is not, nothing. */
export type Report = (path: Path, why: string, hint?: string) => void;

export function effectReport(root: MapNode, findings: Findings, code: IssueCode = 'E111'): Report {
  return (path, why, hint) => {
    const at = keySpanAt(root, path);
    if (at === undefined) return;
    const message = `"${nameOf(root, path)}" has no effect here: ${why}`;
    findings.add({ code, message, hint, path, at });
  };
}

/** Its key, or the text of an item of a list. */
function nameOf(root: MapNode, path: Path): string {
  const key = path.at(-1);
  return typeof key === 'number' ? (textOf(nodeAt(root, path)) ?? `[${key}]`) : String(key);
}
