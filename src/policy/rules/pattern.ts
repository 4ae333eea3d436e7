import { RE2JS } from 're2js';
import type { Pattern } from '../snapshot/snapshot.ts';
import type { Parsed } from './hosts.ts';

/** An operator who needs more wants a list of values. */
export const MAX_PATTERN = 256;
/**
 * Steps of the compiled pattern; a text costs at most its length times this. A UUID has 44, `(.*a){20}` 102:
 * that one needs 0.4 ms for the longest claim that is judged.
 */
const MAX_STEPS = 100;

/** Reads a regular expression of RE2, whose time is linear in the text: no claim can make it slow. */
export function compilePattern(text: string): Parsed<Pattern> {
  if (text === '') return wrong('must not be empty');
  if (text.length > MAX_PATTERN) return wrong(`must have at most ${MAX_PATTERN} characters`);
  const compiled = compiledBy(text);
  if (typeof compiled === 'string') return wrong(compiled);
  if (compiled.programSize() > MAX_STEPS)
    return wrong('repeats too much; write it with fewer counts');
  return { kind: 'ok', value: { text, matches: (value) => compiled.testExact(value) } };
}

/** Or why not. */
function compiledBy(text: string): RE2JS | string {
  try {
    return RE2JS.compile(text);
  } catch (error) {
    // `error parsing regexp: missing closing ): …`
    return (error as Error).message.replace('error parsing regexp: ', '');
  }
}

function wrong(reason: string): Parsed<never> {
  return { kind: 'wrong', reason };
}
