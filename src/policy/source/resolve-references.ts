import type { PolicyDirectory } from './policy-directory.ts';
import type { Findings } from '../issues/issue.ts';
import { slipOf } from './reference-slips.ts';
import type { ReferenceSlip } from './reference-slips.ts';
import { isSecretMark } from '../schema/schema.ts';
import type { Mark } from '../schema/schema.ts';
import { secretText } from '../material/secret-text.ts';
import type { SecretText } from '../material/secret-text.ts';
import type { MapNode, Path, ScalarNode, SourceNode } from './source.ts';
import { pathText, walk } from './source.ts';

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
    if (isSecretMark(mark)) context.findings.hideValue(value);
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
  if (mark !== undefined && !REFERENCE.test(node.value)) {
    return literalOf(path, node, mark, context.findings);
  }
  if (!LOOKS_LIKE_REFERENCE.test(node.value)) return undefined;
  if (mark === undefined) {
    const message = `a reference is only allowed where a path or a secret is wanted`;
    context.findings.add({ code: 'E105', message, path, at: node.span });
    return undefined;
  }
  const match = REFERENCE.exec(node.value)!;
  return match[1] === 'env'
    ? resolveVariable(path, node, match[2]!, context)
    : resolveFile(path, node, match[2]!, context);
}

/** A value that is no reference: for a path it is the path, for a secret hardly ever what was meant. */
function literalOf(
  path: Path,
  node: ScalarNode & { readonly value: string },
  mark: Mark,
  findings: Findings,
): string | undefined {
  if (LOOKS_LIKE_REFERENCE.test(node.value) && !isBroken(node.value)) {
    const message = 'a reference must be the whole value';
    findings.add({ code: 'E105', message, path, at: node.span });
    return undefined;
  }
  const slip = slipOf(node.value, { isUrl: mark !== 'secret' });
  // The name of a file may begin with "$"; none in use has braces.
  if (slip !== undefined && (mark !== 'path' || /[{}]/.test(node.value))) {
    reportSlip(path, node, slip, findings);
    return undefined;
  }
  if (isSecretMark(mark) && isWorthHiding(node.value, mark)) {
    const message = `${pathText(path)} is written in the policy, so everybody who can read the policy has it`;
    const hint = 'keep it in a file or a variable: "${file:secrets/name}" or "${env:NAME}"';
    findings.add({ code: 'W308', message, hint, path, at: node.span });
  }
  return node.value;
}

/** `${env:X` without its end, `${env:}` without a name. */
function isBroken(text: string): boolean {
  return /^\$\{(env|file):[^{}]*\}?$/.test(text);
}

function reportSlip(path: Path, node: ScalarNode, slip: ReferenceSlip, findings: Findings): void {
  const message = `${pathText(path)} looks like a reference but is not one: write "\${env:NAME}" or "\${file:path}"`;
  const hint =
    slip.meant === undefined
      ? 'keep the secret in a file and name it: "${file:secrets/name}"'
      : `did you mean "${slip.meant}"?`;
  findings.add({ code: 'E105', message, hint, path, at: node.span });
}

/** Of a URL only what stands before the "@" can be a secret. */
function isWorthHiding(value: string, mark: Mark): boolean {
  if (value === '') return false;
  return mark !== 'secretUrl' || (URL.parse(value)?.password ?? '') !== '';
}

function resolveVariable(
  path: Path,
  node: ScalarNode,
  name: string,
  context: ReferenceContext,
): string | undefined {
  const text = context.environment[name];
  // Empty is as bad as missing: a secret that is not there must never mean "none" (R-54).
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
  const file = await context.directory.read(name, MAX_SECRET_BYTES);
  const found: SecretText =
    file.kind === 'text' ? secretText(file.text) : { kind: 'trouble', reason: file.reason };
  if (found.kind === 'secret') return found.value;
  const message = `the file ${context.directory.shown(name)} ${found.reason}`;
  context.findings.add({ code: 'E204', message, path, at: node.span });
  return undefined;
}
