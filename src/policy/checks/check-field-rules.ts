import { foldFieldName } from '../../core/fields/fold-field-name.ts';
import { didYouMeanOr } from '../issues/did-you-mean.ts';
import type { Findings } from '../issues/issue.ts';
import { placeText } from '../issues/issue.ts';
import { quoted } from '../issues/schema-issues.ts';
import { PLACEHOLDER_NAMES, parseTemplate } from '../rules/field-template.ts';
import { levelsOf, saysSomething } from '../rules/levels.ts';
import type { Path, SourceNode, Span } from '../source/source.ts';
import { childOf, entriesOf, itemsOf, keySpanAt, textOf } from '../source/source.ts';
import { spanWithin } from '../source/span-within.ts';
import { nameTrouble } from './check-headers.ts';
import { whyNotRuled } from './ruled-names.ts';
import type { FieldAct, FieldDirection } from './ruled-names.ts';
import type { WrittenSet } from './written-set.ts';

const DIRECTIONS: readonly FieldDirection[] = ['request', 'response'];
const ACTS: readonly FieldAct[] = ['set', 'add', 'remove'];

/** `headers.request` and `headers.response`: names (E304), placeholders (E312), and what does nothing (E111). */
export function checkFieldRules({ root }: WrittenSet, findings: Findings): void {
  const identities = identityNames(root);
  for (const { path, node } of levelsOf(root)) {
    const headers = childOf(node, 'headers');
    for (const direction of DIRECTIONS) {
      const rules = childOf(headers, direction);
      if (!saysSomething(rules)) continue;
      const place = [...path, 'headers', direction];
      const uses = ACTS.flatMap((act) => usesOf(childOf(rules, act), act, [...place, act]));
      checkNames(uses, { direction, identities, findings });
      for (const use of uses) checkTexts(use, { direction, findings });
    }
    checkForwarded(node, [...path, 'headers', 'request'], findings);
  }
}

/** A name that a level says, where, and with which value. */
interface NameUse {
  readonly act: FieldAct;
  readonly written: string;
  readonly path: Path;
  readonly at: Span;
  /** Undefined: of `remove`. */
  readonly value: SourceNode | undefined;
}

function usesOf(node: SourceNode | undefined, act: FieldAct, path: Path): readonly NameUse[] {
  const listed = itemsOf(node).flatMap((item, index): readonly NameUse[] => {
    const written = textOf(item) ?? '';
    const place = [...path, index];
    return written === '' ? [] : [{ act, written, path: place, at: item.span, value: undefined }];
  });
  const keyed = entriesOf(node).map(([written, entry]): NameUse => ({
    act,
    written,
    path: [...path, written],
    at: entry.key,
    value: entry.node,
  }));
  return [...listed, ...keyed];
}

/** Every name of `headers.identity` in the set, folded, and where the first of it is. */
function identityNames(root: WrittenSet['root']): ReadonlyMap<string, Span> {
  const names = new Map<string, Span>();
  for (const { node } of levelsOf(root)) {
    for (const [written, { key }] of entriesOf(childOf(childOf(node, 'headers'), 'identity'))) {
      const name = foldFieldName(written.toLowerCase());
      if (!names.has(name)) names.set(name, key);
    }
  }
  return names;
}

interface NameRules {
  readonly direction: FieldDirection;
  readonly identities: ReadonlyMap<string, Span>;
  readonly findings: Findings;
}

function checkNames(uses: readonly NameUse[], rules: NameRules): void {
  const seen = new Map<string, NameUse>();
  for (const use of uses) {
    const name = use.written.toLowerCase();
    const first = seen.get(name);
    seen.set(name, first ?? use);
    const trouble = first === undefined ? troubleOf(use, name, rules) : repeated(first);
    if (trouble === undefined) continue;
    const [reason, hint] = trouble;
    const message = `the header ${quoted(use.written)} ${reason}`;
    rules.findings.add({ code: 'E304', message, hint, path: use.path, at: use.at });
  }
}

type Trouble = readonly [reason: string, hint?: string | undefined];

function repeated({ act, at }: NameUse): Trouble {
  const hint = 'say it once: "set" replaces, "add" appends, both take a list of texts';
  return [`is already in "${act}" at ${placeText(at)}`, hint];
}

function troubleOf(
  { act }: NameUse,
  name: string,
  { direction, identities }: NameRules,
): Trouble | undefined {
  const malformed = nameTrouble(name);
  if (malformed !== undefined) return [malformed];
  const folded = foldFieldName(name);
  const identity = direction === 'request' ? identities.get(folded) : undefined;
  if (identity !== undefined) {
    const reason = `is written by "headers.identity" at ${placeText(identity)}`;
    return [reason, "a client's own copy never comes through; choose one of the two"];
  }
  return whyNotRuled(folded, direction, act);
}

function checkTexts(
  use: NameUse,
  { direction, findings }: Pick<NameRules, 'direction' | 'findings'>,
): void {
  const nodes = use.value?.kind === 'list' ? use.value.items : [use.value];
  for (const [index, node] of nodes.entries()) {
    const text = textOf(node);
    if (text === undefined) continue;
    const path = use.value?.kind === 'list' ? [...use.path, index] : use.path;
    const parsed = parseTemplate(text);
    if (parsed.kind === 'wrong') {
      const hint = didYouMeanOr('known names', parsed.unknown ?? '', PLACEHOLDER_NAMES);
      const at = spanWithin(node!.span, text, parsed);
      findings.add({ code: 'E312', message: `the text ${parsed.reason}`, hint, path, at });
    } else if (direction === 'request' && use.act === 'add' && parsed.value.some(tellsWho)) {
      const message = `the header ${quoted(use.written)} tells who asks, and what a client sends under this name goes on beside it`;
      findings.add({ code: 'W317', message, hint: 'write it under "set"', path, at: node!.span });
    }
  }
}

function tellsWho(part: string | { readonly kind: string }): boolean {
  return typeof part !== 'string' && part.kind !== 'request-id';
}

/** Fields for an application that gets no request. */
function checkForwarded(node: SourceNode | undefined, path: Path, findings: Findings): void {
  const answer = ['redirect', 'respond'].find((key) => saysSomething(childOf(node, key)));
  const request = childOf(childOf(node, 'headers'), 'request');
  if (answer === undefined || !saysSomething(request)) return;
  const at = keySpanAt(node!, ['headers', 'request']);
  const message = `"request" has no effect here: "${answer}" answers, and nothing is forwarded`;
  findings.add({ code: 'E111', message, path, at: at! });
}
