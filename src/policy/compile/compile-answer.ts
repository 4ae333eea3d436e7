import { contentTypeOf } from '../rules/content-types.ts';
import type { RedirectInput, RespondInput, RewriteInput } from '../schema/schema.ts';
import type { FixedAnswer, PathRewrite, RedirectAnswer } from '../snapshot/snapshot.ts';

/** The octets of each file that is an answer, by its absolute path. */
export type AnswerFiles = ReadonlyMap<string, Uint8Array>;

const NO_FILES: AnswerFiles = new Map();

export function compileRedirect(input: RedirectInput): RedirectAnswer {
  const { status = 308, scheme, host, path = '{path}?{query}' } = input;
  const parts = path.split(/(\{path\}|\{query\})/).filter((part) => part !== '');
  return { kind: 'redirect', status, scheme, host: host?.toLowerCase(), path: parts };
}

export function compileRespond(
  { status = 200, headers = {}, body = '', file }: RespondInput,
  files: AnswerFiles = NO_FILES,
): FixedAnswer {
  const fields = Object.entries(headers).flatMap(([name, value]) => [name.toLowerCase(), value]);
  const isTyped = fields.some((name, index) => index % 2 === 0 && name === 'content-type');
  const octets = file === undefined ? Buffer.from(body) : files.get(file)!;
  const hasType = isTyped || (octets.length === 0 && file === undefined);
  const type = hasType ? [] : ['content-type', contentTypeOf(file ?? 'body.txt')!];
  return { kind: 'respond', status, headers: [...type, ...fields], body: octets };
}

export function compileRewrite(input: RewriteInput | undefined): PathRewrite | undefined {
  if (input === undefined) return undefined;
  const { strip, add = '', path } = input;
  if (path !== undefined) return { kind: 'literal', path };
  const segments = strip === undefined ? 0 : strip.split('/').length - 1;
  return { kind: 'prefix', strip, segments, add };
}
