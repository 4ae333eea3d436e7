import { readText } from './files.ts';
import type { PolicyDirectory } from './files.ts';
import type { Findings } from './issue.ts';
import { secretText } from './secret-text.ts';
import type { SecretText } from './secret-text.ts';
import type { Mark } from './schema-walk.ts';
import type { MapNode, Path, ScalarNode, SourceNode } from './source.ts';
import { walk } from './source.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A whole value: what stands around it could not be told from what came out of it. */
const REFERENCE = /^\$\{(env|file):([^{}]+)\}$/;
const LOOKS_LIKE_REFERENCE = /\$\{(env|file):/;
/** A password or a key in PEM; longer is a wrong path. */
const MAX_SECRET_BYTES = 64 * 1024;

export interface ReferenceContext {
  readonly directory: PolicyDirectory;
  readonly environment: Environment;
  readonly findings: Findings;
}

/** Path inside `${file:…}`; undefined for any other value. */
export function referencedFile(value: unknown): string | undefined {
  const match = typeof value === 'string' ? REFERENCE.exec(value) : null;
  return match?.[1] === 'file' ? match[2] : undefined;
}

/**
 * What marked values become: references their targets, paths absolute paths. References are resolved after
 * parsing, so what they hold cannot inject structure; elsewhere than in marked fields they are errors.
 */
export async function resolveReferences(
  root: MapNode,
  marks: ReadonlyMap<SourceNode, Mark>,
  context: ReferenceContext,
): Promise<ReadonlyMap<SourceNode, string>> {
  const replaced = new Map<SourceNode, string>();
  for (const [path, node] of walk(root)) {
    if (node.kind !== 'scalar' || typeof node.value !== 'string') continue;
    const mark = marks.get(node);
    const value = await resolveValue(path, { ...node, value: node.value }, mark, context);
    if (value === undefined) continue;
    if (mark === 'secret') context.findings.hideValue(value);
    replaced.set(node, mark === 'path' ? context.directory.absolute(value) : value);
  }
  return replaced;
}

async function resolveValue(
  path: Path,
  node: ScalarNode & { readonly value: string },
  mark: Mark | undefined,
  context: ReferenceContext,
): Promise<string | undefined> {
  if (!LOOKS_LIKE_REFERENCE.test(node.value)) return mark === undefined ? undefined : node.value;
  if (mark === undefined) {
    const message = `a reference is only allowed where a path or a secret is wanted`;
    context.findings.add({ code: 'E105', message, path, at: node.span });
    return undefined;
  }
  const match = REFERENCE.exec(node.value);
  if (match === null) {
    const message = 'a reference must be the whole value';
    context.findings.add({ code: 'E105', message, path, at: node.span });
    return undefined;
  }
  return match[1] === 'env'
    ? resolveVariable(path, node, match[2]!, context)
    : resolveFile(path, node, match[2]!, context);
}

function resolveVariable(
  path: Path,
  node: ScalarNode,
  name: string,
  context: ReferenceContext,
): string | undefined {
  const text = context.environment[name];
  // Empty is as bad as missing: a secret that is not there must never mean "none".
  const found = text === undefined ? NOT_SET : secretText(text);
  if (found.kind === 'secret') return found.value;
  const message = `the environment variable ${name} ${found.reason}`;
  context.findings.add({ code: 'E209', message, path, at: node.span });
  return undefined;
}

const NOT_SET = { kind: 'trouble', reason: 'is not set' } as const;

async function resolveFile(
  path: Path,
  node: ScalarNode,
  name: string,
  context: ReferenceContext,
): Promise<string | undefined> {
  const file = await readText(context.directory.absolute(name), MAX_SECRET_BYTES);
  const found: SecretText =
    file.kind === 'text' ? secretText(file.text) : { kind: 'trouble', reason: file.reason };
  if (found.kind === 'secret') return found.value;
  const message = `the file ${context.directory.shown(name)} ${found.reason}`;
  context.findings.add({ code: 'E204', message, path, at: node.span });
  return undefined;
}
