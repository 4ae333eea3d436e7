import { stringifyJson } from '../../core/exact-json.ts';

/** A value that somebody else wrote, for an operator's eyes: escaped, and cut after `most` characters. */
export function shown(value: unknown, most = 80): string {
  const text = stringifyJson(value) ?? 'nothing';
  return text.length <= most ? text : `${text.slice(0, most)}…`;
}
