import { fieldsThatAre } from '../../core/fields/fields.ts';
import type { FieldSet } from '../../core/fields/field-set.ts';
import { foldFieldName } from '../../core/fields/fold-field-name.ts';
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

/** Of an answer these are the gateway's: framing, its own words, its cookies, the policy's limits and CORS. */
const OURS_IN_ANSWERS = fieldsThatAre('hop', 'framing', 'replaced', 'session', 'limit', 'cors');
const NOT_TO_RESPOND = { has: (name: string) => name === 'date' || OURS_IN_ANSWERS.has(name) };

/** Of a request these say nothing that a client may choose a rule by. */
const NOT_TO_MATCH = fieldsThatAre('hop', 'framing', 'written');

/**
 * Checks the names of `headers.identity` and `matchHeaders` at every level; their values are the schema's
 * business.
 */
export function checkHeaders({ root }: WrittenSet, findings: Findings): void {
  for (const { path, node } of levelsOf(root)) {
    const identity = childOf(childOf(node, 'headers'), 'identity');
    checkIdentityNames(identity, [...path, 'headers', 'identity'], findings);
    const respond = [...path, 'respond', 'headers'];
    checkNames(childOf(childOf(node, 'respond'), 'headers'), respond, {
      forbidden: NOT_TO_RESPOND,
      why: 'is set by HTTP or by the gateway itself',
      findings,
    });
    checkNames(childOf(node, 'matchHeaders'), [...path, 'matchHeaders'], {
      forbidden: NOT_TO_MATCH,
      why: 'is of HTTP or of the gateway itself, so no rule is chosen by it',
      findings,
    });
  }
}

export function checkIdentityNames(
  identity: SourceNode | undefined,
  path: Path,
  findings: Findings,
): void {
  const why = 'is set by HTTP or by the gateway itself';
  checkNames(identity, path, { forbidden: NOT_OURS_TO_SET, why, findings });
}

interface NameRules {
  readonly forbidden: Pick<FieldSet, 'has'>;
  readonly why: string;
  readonly findings: Findings;
}

function checkNames(fields: SourceNode | undefined, path: Path, rules: NameRules): void {
  const { findings } = rules;
  const seen = new Map<string, Span>();
  for (const [written, { key }] of entriesOf(fields)) {
    const name = written.toLowerCase();
    const reason = troubleOf(name, seen.get(name), rules);
    seen.set(name, key);
    if (reason === undefined) continue;
    const message = `the header ${quoted(written)} ${reason}`;
    findings.add({ code: 'E304', message, path: [...path, written], at: key });
  }
}

function troubleOf(
  name: string,
  first: Span | undefined,
  { forbidden, why }: NameRules,
): string | undefined {
  if (first !== undefined) return `is already set at ${placeText(first)}`;
  const malformed = nameTrouble(name);
  if (malformed !== undefined) return malformed;
  // An application may read `.` as `-`.
  return forbidden.has(foldFieldName(name)) ? why : undefined;
}

/** What is wrong with the form of a lower-case name; the rest of a sentence. */
export function nameTrouble(name: string): string | undefined {
  if (name.includes('_')) return 'has "_", which applications take for "-"; write "-"';
  return FIELD_NAME.test(name) ? undefined : 'is not a field name of letters, digits and "-"';
}
