/**
 * One string for several parts, such that different parts never give the same string: each part
 * carries its length, so a subject that contains a separator cannot pose as another tenant.
 */
export function keyTuple(...parts: readonly string[]): string {
  let key = '';
  for (const part of parts) key += `${part.length}:${part}`;
  return key;
}
