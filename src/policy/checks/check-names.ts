import { providersOf } from '../rules/auth-names.ts';
import { levelsOf, usesOf } from '../rules/levels.ts';
import { quoted } from '../issues/schema-issues.ts';
import type { IssueCode } from '../issues/issue-codes.ts';
import type { Findings } from '../issues/issue.ts';
import { nearest } from '../issues/did-you-mean.ts';
import type { MapNode, Path, SourceNode } from '../source/source.ts';
import { childOf, entriesOf, itemsOf, lineAndColumn, textOf } from '../source/source.ts';
import type { WrittenSet } from './written-set.ts';

/**
 * Names that one part of the set uses for another. Works on the tree as written, so that a fault in the
 * shape elsewhere does not hide a wrong name here.
 */
export interface NameUse {
  readonly name: string;
  readonly path: Path;
  readonly node: SourceNode;
}

/** Reports every name of a provider, tier or profile that is not defined. */
export function checkNames({ root }: WrittenSet, findings: Findings): void {
  for (const use of [...providerUses(root), ...proofUses(root)]) {
    checkName(root, 'providers', use, { code: 'E201', noun: 'provider', findings });
  }
  for (const use of tierUses(root)) {
    checkName(root, 'tiers', use, { code: 'E203', noun: 'tier', findings });
  }
  for (const use of profileUses(root)) {
    checkName(root, 'profiles', use, { code: 'E202', noun: 'profile', findings });
  }
}

interface Complaint {
  readonly code: IssueCode;
  readonly noun: string;
  readonly findings: Findings;
}

function checkName(root: MapNode, kind: string, use: NameUse, complaint: Complaint): void {
  const defined = childOf(root, kind);
  if (childOf(defined, use.name) !== undefined) return;
  if (kind === 'providers' && use.name === 'public') return reportPublic(use, complaint.findings);
  const known = new Map(entriesOf(defined));
  const near = nearest(use.name, [...reservedAt(kind, use), ...known.keys()]);
  complaint.findings.add({
    code: complaint.code,
    message: `no ${complaint.noun} named ${quoted(use.name)}`,
    hint: near === undefined ? undefined : didYouMeanAt(near, known.get(near)?.key),
    path: use.path,
    at: use.node.span,
  });
}

/** `[api, public]`: the list would be open to everybody, and its providers asked for nothing. */
function reportPublic({ path, node }: NameUse, findings: Findings): void {
  const message = '"public" is not a provider, so it cannot be in a list of providers';
  const hint = 'write "auth: public" alone to let everybody in, or remove it from the list';
  findings.add({ code: 'E104', message, hint, path, at: node.span });
}

/** Words that stand where a name could: `auth: pubic`. In a list `public` would be wrong. */
function reservedAt(kind: string, { path }: NameUse): readonly string[] {
  return kind === 'providers' && path.at(-1) === 'auth' ? ['public'] : [];
}

/** `span`: where it is defined; a reserved word is defined nowhere. */
function didYouMeanAt(name: string, span: SourceNode['span'] | undefined): string {
  if (span === undefined) return `did you mean "${name}"?`;
  const [line] = lineAndColumn(span.file, span.start);
  return `did you mean "${name}"? (defined at ${span.file.shown}:${line})`;
}

/** Every provider that an `auth` names, in the whole set. */
export function providerUses(root: MapNode): NameUse[] {
  return levelsOf(root).flatMap(({ path, node }) =>
    providersOf(childOf(node, 'auth')).map((use) => ({
      ...use,
      path: [...path, 'auth', ...use.path],
    })),
  );
}

/** Every profile that a route or a path uses. */
export function profileUses(root: MapNode): readonly NameUse[] {
  return levelsOf(root).flatMap((level) =>
    level.kind === 'route' || level.kind === 'path' ? usesOf(level) : [],
  );
}

function scalarUse(path: Path, node: SourceNode | undefined): NameUse[] {
  const name = textOf(node);
  return name === undefined || name === '' ? [] : [{ name, path, node: node! }];
}

/** Every provider of which a case of `tests` says what it finds. */
function proofUses(root: MapNode): NameUse[] {
  return itemsOf(childOf(root, 'tests')).flatMap((item, index) => {
    const path = ['tests', index, 'as'];
    const as = childOf(item, 'as');
    if (as?.kind !== 'list') return scalarUse([...path, 'provider'], childOf(as, 'provider'));
    return as.items.flatMap((proof, at) =>
      scalarUse([...path, at, 'provider'], childOf(proof, 'provider')),
    );
  });
}

/** Every tier that `tenants` names. */
export function tierUses(root: MapNode): NameUse[] {
  const tenants = childOf(root, 'tenants');
  const uses = [
    ...scalarUse(['tenants', 'tier', 'default'], childOf(childOf(tenants, 'tier'), 'default')),
    ...scalarUse(['tenants', 'anonymous', 'tier'], childOf(childOf(tenants, 'anonymous'), 'tier')),
  ];
  for (const [tenant, { node }] of entriesOf(childOf(tenants, 'overrides'))) {
    uses.push(...scalarUse(['tenants', 'overrides', tenant, 'tier'], childOf(node, 'tier')));
  }
  return uses;
}
