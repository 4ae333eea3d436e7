/** Kinds that a plugin package may have been written for, and that no version loads yet. */
const LATER: ReadonlySet<unknown> = new Set(['authorizer', 'transform', 'sink']);

/** Undefined for the one kind that is loaded; else the end of a sentence that begins with `it is` or `is`. */
export function kindFault(kind: unknown): string | undefined {
  if (kind === 'authenticator') return undefined;
  if (LATER.has(kind)) {
    return `of kind "${String(kind)}", which is not in this version; wanted "authenticator"`;
  }
  return `of kind ${JSON.stringify(kind)}, wanted "authenticator"`;
}
