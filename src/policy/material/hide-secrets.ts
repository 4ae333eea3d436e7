import type { Findings } from '../issues/issue.ts';
import { coreSchemaJson, isSecretMark, knownKeys, marksBelow } from '../schema/schema.ts';
import type { JsonSchema, Mark } from '../schema/schema.ts';
import { optionsNode } from '../providers.ts';
import type { PluggedProvider } from '../providers.ts';
import { slipOf } from '../source/reference-slips.ts';
import { nearest } from '../issues/did-you-mean.ts';
import type { MapNode, SourceNode } from '../source/source.ts';
import { childOf, entriesOf, textOf, walk } from '../source/source.ts';

/** Marks of the whole set: those of the core's schema and of each plugin's. */
export function marksOf(
  root: MapNode,
  providers: readonly PluggedProvider[],
): ReadonlyMap<SourceNode, Mark> {
  const marks = new Map(marksBelow(coreSchemaJson(), root));
  for (const provider of providers) {
    for (const [node, mark] of marksBelow(provider.json, optionsNode(provider)))
      marks.set(node, mark);
  }
  return marks;
}

/** Also the private members of a JSON Web Key (RFC 7518 6). */
const SOUNDS_SECRET =
  /secret|pas+w|passphrase|token|credential|private|api-?key|^keys?$|^(d|p|q|dp|dq|qi|k)$/i;

/**
 * Hides what must not be printed: values marked secret, and in providers also values whose key sounds like
 * a secret or like a typing slip of one, since an unknown key has no mark.
 */
export function hideSecrets(
  root: MapNode,
  marks: ReadonlyMap<SourceNode, Mark>,
  providers: readonly PluggedProvider[],
  findings: Findings,
): void {
  for (const [node, mark] of marks)
    if (isSecretMark(mark)) hide(node, mark === 'secretUrl', findings);
  for (const [name, { node }] of entriesOf(childOf(root, 'providers'))) {
    const json = providers.find((provider) => provider.name === name)?.json;
    hideBelow(node, marks, json, findings);
  }
}

function hideBelow(
  provider: SourceNode,
  marks: ReadonlyMap<SourceNode, Mark>,
  json: JsonSchema | undefined,
  findings: Findings,
): void {
  for (const [path, node] of walk(provider)) {
    if (node.kind !== 'scalar' || marks.has(node)) continue;
    const names = path.filter((step) => typeof step === 'string');
    const isSecret = names.some((name, depth) => {
      const known = json === undefined ? [] : knownKeys(json, names.slice(0, depth));
      const near = nearest(name, known);
      // What the plugin knows and did not mark is public, such as the keys of an issuer.
      if (known.includes(name)) return false;
      return SOUNDS_SECRET.test(name) || SOUNDS_SECRET.test(near ?? '');
    });
    if (isSecret) hide(node, false, findings);
  }
}

function hide(node: SourceNode, isUrl: boolean, findings: Findings): void {
  const text = textOf(node);
  // `${env:X}` names a place, and the operator must see which; so does a slip of one.
  if (node.kind !== 'scalar' || /^\$\{(env|file):[^{}]*\}$/.test(text ?? '')) return;
  if (slipOf(text ?? '', { isUrl })?.isShown === true) return;
  findings.hideSpan(node.span);
  if (text !== undefined) findings.hideValue(text);
}
