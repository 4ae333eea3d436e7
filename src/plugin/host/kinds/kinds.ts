import { AUTHENTICATOR } from './authenticator.ts';

/** The kinds of plugins that this version loads, by the name that a plugin gives itself. */
export const KINDS = { authenticator: AUTHENTICATOR } as const;

/** Kinds that a package may have been written for, and that a later version may load. */
const LATER: ReadonlySet<unknown> = new Set(['authorizer', 'transform', 'sink']);

/** Undefined for a kind that is loaded; else the end of a sentence that begins with `it is` or `is`. */
export function kindFault(kind: unknown): string | undefined {
  if (typeof kind === 'string' && Object.hasOwn(KINDS, kind)) return undefined;
  const wanted = Object.keys(KINDS)
    .map((name) => `"${name}"`)
    .join(' or ');
  if (LATER.has(kind)) {
    return `of kind "${String(kind)}", which is not in this version; wanted ${wanted}`;
  }
  return `of kind ${JSON.stringify(kind)}, wanted ${wanted}`;
}
