import { LIMITS } from '../limits.ts';

/** Parameters by name, each at most once; or what is wrong, in words that quote no value. */
export type Parameters = ReadonlyMap<string, string> | { readonly fault: string };

export interface ParameterRules {
  /** Names that are read; others are ignored (RFC 6749 4.1.2). */
  readonly known: readonly string[];
  /** Names that must not be there at all. */
  readonly refused?: readonly string[];
  /** Characters of one value. */
  readonly limit?: number;
}

/** Reads a query or a form body: bounded, nothing doubled (RFC 6749 3.1), nothing refused. */
export function readParameters(encoded: string, rules: ParameterRules): Parameters {
  const { known, refused = [], limit = LIMITS.parameterCharacters } = rules;
  if (encoded.length > LIMITS.parametersCharacters) return { fault: 'the parameters are too long' };
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(encoded)) {
    if (refused.includes(name)) return { fault: `the parameter ${name} has no place here` };
    if (!known.includes(name)) continue;
    if (found.has(name)) return { fault: `the parameter ${name} is there twice` };
    if (value.length > limit) return { fault: `the parameter ${name} is too long` };
    if (/\p{Cc}/u.test(value)) return { fault: `the parameter ${name} holds a control character` };
    found.set(name, value);
  }
  return found;
}

/** A form body as text; undefined when it is no form or not UTF-8. */
export async function readForm(
  headers: Headers,
  body: () => Promise<Uint8Array>,
): Promise<string | undefined> {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await body());
  } catch (thrown) {
    if (thrown instanceof TypeError) return undefined;
    throw thrown;
  }
}

export function isFault(parameters: Parameters): parameters is { readonly fault: string } {
  return 'fault' in parameters;
}
