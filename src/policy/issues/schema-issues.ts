import type { IssueCode } from './issue-codes.ts';
import type { Finding, Findings } from './issue.ts';
import { knownKeys } from '../schema/schema.ts';
import type { JsonSchema } from '../schema/schema.ts';
import { didYouMean, didYouMeanOr } from './did-you-mean.ts';
import type { Path, SourceNode } from '../source/source.ts';
import { keySpanAt, nodeAt, pathText, textOf, tokenSpanAt } from '../source/source.ts';

/** What zod and every Standard Schema say; the other members are zod's own. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
  readonly code?: string | undefined;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly errors?: readonly (readonly SchemaIssue[])[];
  readonly issues?: readonly SchemaIssue[];
  readonly expected?: string;
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly format?: string;
}

/** Where the schema was applied, and which codes its complaints get: those of the core or a plugin's. */
export interface SchemaPlace {
  readonly root: SourceNode;
  /** Path of the value that the schema judged. */
  readonly base: Path;
  readonly json: JsonSchema;
  readonly codes: {
    readonly type: IssueCode;
    readonly unknown: IssueCode;
    readonly missing: IssueCode;
    readonly value: IssueCode;
  };
  readonly findings: Findings;
}

/** Reports the complaints of a schema in operators' sentences, each at its own token. */
export function reportSchemaIssues(issues: readonly SchemaIssue[], place: SchemaPlace): void {
  for (const issue of issues) report(issue, place, []);
}

function report(issue: SchemaIssue, place: SchemaPlace, above: Path): void {
  const inner = [...above, ...stepsOf(issue.path)];
  const path = [...place.base, ...inner];
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys ?? []) place.findings.add(unknownKey(place, inner, key));
  } else if (issue.code === 'invalid_key') {
    place.findings.add(badKey(place, path, issue));
  } else if (nodeAt(place.root, path) === undefined && path.length > 0) {
    place.findings.add(missingKey(place, path));
  } else {
    const branch = issue.code === 'invalid_union' ? branchMeant(issue) : undefined;
    if (branch === undefined) place.findings.add(badValue(place, path, issue));
    else for (const deeper of branch) report(deeper, place, inner);
  }
}

/** Of the alternatives the one that fits the kind of value that was written, if it is just one. */
function branchMeant(issue: SchemaIssue): readonly SchemaIssue[] | undefined {
  const fitting = (issue.errors ?? []).filter((branch) => !branch.some(isWrongKind));
  return fitting.length === 1 ? fitting[0] : undefined;
}

function isWrongKind(issue: SchemaIssue): boolean {
  if (stepsOf(issue.path).length > 0) return false;
  return issue.code === 'invalid_type' || issue.code === 'invalid_value';
}

function unknownKey(place: SchemaPlace, inner: Path, key: string): Finding {
  const parent = [...place.base, ...inner];
  const path = [...parent, key];
  return {
    code: place.codes.unknown,
    message: `unknown key ${quoted(key)} in ${placeName(parent)}`,
    hint: hintFor(path) ?? didYouMeanOr('known keys', key, knownKeys(place.json, inner)),
    path,
    at: keySpanAt(place.root, path) ?? tokenSpanAt(place.root, path),
  };
}

function hintFor(path: Path): string | undefined {
  const [block, , key] = path;
  if (block === 'profiles' && key === 'use' && path.length === 3) {
    return 'a profile uses no other profile, so that none can come back to itself: name all of them in the "use" of the route or path';
  }
  return undefined;
}

function missingKey(place: SchemaPlace, path: Path): Finding {
  const parent = path.slice(0, -1);
  return {
    code: place.codes.missing,
    message: `missing key ${quoted(String(path.at(-1)))} in ${placeName(parent)}`,
    path,
    at: keySpanAt(place.root, parent) ?? tokenSpanAt(place.root, parent),
  };
}

function badKey(place: SchemaPlace, path: Path, issue: SchemaIssue): Finding {
  const wanted = issue.issues?.[0]?.message ?? 'is not allowed';
  return {
    code: place.codes.value,
    message: `the key ${quoted(String(path.at(-1)))} in ${placeName(path.slice(0, -1))} ${wanted}`,
    path,
    at: keySpanAt(place.root, path) ?? tokenSpanAt(place.root, path),
  };
}

function badValue(place: SchemaPlace, path: Path, issue: SchemaIssue): Finding {
  const node = nodeAt(place.root, path);
  const found = node === undefined ? '' : `, found ${shownValue(node, place.findings)}`;
  const name = subjectOf(path);
  const wanted = sentenceOf(issue);
  const isType = issue.code === 'invalid_type' || issue.code === 'invalid_union';
  return {
    code: isType ? place.codes.type : place.codes.value,
    message: wanted.startsWith('must ') ? `${name} ${wanted}${found}` : `${name}: ${wanted}`,
    hint: suggestionFor(node, issue),
    path,
    at: tokenSpanAt(place.root, path),
  };
}

function suggestionFor(node: SourceNode | undefined, issue: SchemaIssue): string | undefined {
  const text = textOf(node);
  if (issue.code !== 'invalid_value' || text === undefined) return undefined;
  return didYouMean(
    text,
    (issue.values ?? []).filter((value) => typeof value === 'string'),
  );
}

/** Our own schemas say "must …"; for a plugin's schema zod's own words are translated. */
function sentenceOf(issue: SchemaIssue): string {
  if (issue.message.startsWith('must ')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected ?? ''] ?? `of type ${issue.expected ?? 'unknown'}`}`;
    case 'invalid_value':
      return `must be ${alternatives((issue.values ?? []).map((value) => quoted(String(value))))}`;
    case 'too_small':
      return `must be at least ${amountOf(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `must be at most ${amountOf(issue.maximum, issue.origin)}`;
    case 'invalid_union':
      return anyOfSentence(issue);
    case 'invalid_format':
      return `must be ${issue.format === 'regex' ? 'of the right form' : `a valid ${issue.format ?? 'text'}`}`;
    case undefined:
    default:
      return issue.message;
  }
}

/** `must be a text or a list`, from what each alternative wants of the value itself. */
function anyOfSentence(issue: SchemaIssue): string {
  const wanted = (issue.errors ?? []).flatMap((branch) =>
    branch
      .filter((inner) => stepsOf(inner.path).length === 0)
      .map(sentenceOf)
      .slice(0, 1),
  );
  const parts = wanted.filter((text) => text.startsWith('must be ')).map((text) => text.slice(8));
  return parts.length === 0 ? issue.message : `must be ${alternatives([...new Set(parts)])}`;
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys',
  record: 'a mapping of keys',
};

function amountOf(amount: number | bigint | undefined, origin: string | undefined): string {
  if (origin === 'string') return `${amount} characters long`;
  if (origin === 'array' || origin === 'set') return `${amount} items long`;
  return String(amount);
}

function alternatives(choices: readonly string[]): string {
  return choices.length < 2
    ? choices.join('')
    : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`;
}

/** The key that the sentence is about: the last one, with the position in a list. */
function subjectOf(path: Path): string {
  const from = path.findLastIndex((key) => typeof key === 'string');
  return from === -1 ? 'the policy' : pathText(path.slice(from));
}

function placeName(path: Path): string {
  return path.length === 0 ? 'the policy' : pathText(path);
}

/** What was found, in a few words. Never a secret. */
function shownValue(node: SourceNode, findings: Findings): string {
  if (node.kind === 'map') return 'a mapping';
  if (node.kind === 'list') return 'a list';
  if (findings.isHidden(node.span)) return '[redacted]';
  return node.value === null ? 'nothing' : quoted(node.value);
}

const MAX_QUOTED = 80;

export function quoted(value: string | number | bigint | boolean): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
}

function stepsOf(path: readonly unknown[] | undefined): (string | number)[] {
  // Standard Schema: a step is a key, or an object that holds one.
  return (path ?? []).map((step) => {
    const key: unknown =
      typeof step === 'object' && step !== null ? (step as { key?: unknown }).key : step;
    return typeof key === 'number' ? key : String(key);
  });
}
