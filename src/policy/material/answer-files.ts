import type { AnswerFiles } from '../compile/compile-answer.ts';
import { contentTypeOf, TYPED_ENDS } from '../rules/content-types.ts';
import { levelsOf } from '../rules/levels.ts';
import { MAX_ANSWER_BYTES } from '../schema/schema.ts';
import type { PolicyDirectory } from '../source/policy-directory.ts';
import { entriesOf, nodeAt } from '../source/source.ts';
import type { MapNode, Path } from '../source/source.ts';
import type { Material } from './material.ts';

interface Context {
  readonly root: MapNode;
  readonly material: Material;
  readonly directory: PolicyDirectory;
}

/** Reads every `respond.file`; what is wrong is reported. The files belong to the generation, and are not read again. */
export async function answerFiles({ root, material, directory }: Context): Promise<AnswerFiles> {
  const files = new Map<string, Uint8Array>();
  for (const level of levelsOf(root)) {
    const respond = [...level.path, 'respond'];
    const path = [...respond, 'file'];
    const file = material.textAt(path);
    if (file === undefined) continue;
    const text = await directory.readOctets(file, MAX_ANSWER_BYTES);
    const report = (code: 'E204' | 'E219', reason: string, hint?: string): void =>
      material.report(path, { code, reason }, directory.shown(file), hint);
    if (text.kind === 'unread') {
      report(text.isTooLarge === true ? 'E219' : 'E204', text.reason);
      continue;
    }
    files.set(file, Buffer.from(text.text, 'latin1'));
    if (contentTypeOf(file) !== undefined || isTyped(root, respond)) continue;
    const hint = `add "headers: { content-type: … }", or name a file that ends in ${TYPED_ENDS.join(', ')}`;
    report('E219', 'has a name that tells no content type', hint);
  }
  return files;
}

function isTyped(root: MapNode, respond: Path): boolean {
  const headers = nodeAt(root, [...respond, 'headers']);
  return entriesOf(headers).some(([name]) => name.toLowerCase() === 'content-type');
}
