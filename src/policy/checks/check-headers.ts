import { fieldsThatAre } from '../../core/fields/fields.ts';
import { quoted } from '../issues/schema-issues.ts';
import type { Findings } from '../issues/issue.ts';
import { placeText } from '../issues/issue.ts';
import { levelsOf } from '../rules/levels.ts';
import type { Path, SourceNode, Span } from '../source/source.ts';
import { childOf, entriesOf } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

/** RFC 9110 5.6.2 without `_`, which folds onto `-` in many applications (R-7), and without `'`, `|` … */
const FIELD_NAME = /^[a-z0-9](?:[a-z0-9.!~-]*[a-z0-9])?$/;

/** Fields that carry framing, routing or the gateway's own words (R-9, R-10; RFC 9110 7.6.1). */
const NOT_OURS_TO_SET = fieldsThatAre('hop', 'framing', 'written', 'session', 'content', 'control');

/** Checks the names of `headers.identity` at every level; values are claim paths and the schema's business. */
export function checkHeaders({ root }: WrittenSet, findings: Findings): void {
  for (const { path, node } of levelsOf(root)) {
    const identity = childOf(childOf(node, 'headers'), 'identity');
    checkIdentityNames(identity, [...path, 'headers', 'identity'], findings);
  }
}

export function checkIdentityNames(
  identity: SourceNode | undefined,
  path: Path,
  findings: Findings,
): void {
  const seen = new Map<string, Span>();
  for (const [written, { key }] of entriesOf(identity)) {
    const name = written.toLowerCase();
    const reason = troubleOf(name, seen.get(name));
    seen.set(name, key);
    if (reason === undefined) continue;
    const message = `the header ${quoted(written)} ${reason}`;
    findings.add({ code: 'E304', message, path: [...path, written], at: key });
  }
}

function troubleOf(name: string, first: Span | undefined): string | undefined {
  if (first !== undefined) return `is already set at ${placeText(first)}`;
  if (name.includes('_')) return 'has "_", which applications take for "-"; write "-"';
  if (!FIELD_NAME.test(name)) return 'is not a field name of letters, digits and "-"';
  if (NOT_OURS_TO_SET.has(name)) return 'is set by HTTP or by the gateway itself';
  return undefined;
}
