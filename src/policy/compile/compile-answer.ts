import type { RedirectInput, RespondInput, RewriteInput } from '../schema/schema.ts';
import type { FixedAnswer, PathRewrite, RedirectAnswer } from '../snapshot/snapshot.ts';

export function compileRedirect(input: RedirectInput): RedirectAnswer {
  const { status = 308, scheme, host, path = '{path}?{query}' } = input;
  const parts = path.split(/(\{path\}|\{query\})/).filter((part) => part !== '');
  return { kind: 'redirect', status, scheme, host: host?.toLowerCase(), path: parts };
}

export function compileRespond({
  status = 200,
  headers = {},
  body = '',
}: RespondInput): FixedAnswer {
  const fields = Object.entries(headers).flatMap(([name, value]) => [name.toLowerCase(), value]);
  const isTyped = fields.some((name, index) => index % 2 === 0 && name === 'content-type');
  const type = isTyped || body === '' ? [] : ['content-type', 'text/plain; charset=utf-8'];
  return { kind: 'respond', status, headers: [...type, ...fields], body };
}

export function compileRewrite(input: RewriteInput | undefined): PathRewrite | undefined {
  if (input === undefined) return undefined;
  const { strip, add = '', path } = input;
  if (path !== undefined) return { kind: 'literal', path };
  const segments = strip === undefined ? 0 : strip.split('/').length - 1;
  return { kind: 'prefix', strip, segments, add };
}
