/** What may be handed to an expression: settled bounds, far above what tokens hold. */
const MAX_ELEMENTS = 1000;
const MAX_TEXT = 8192;
/** All values together, so that measuring them is bounded, too. */
const MAX_VALUES = 5000;

/** The length of the longest list or mapping; undefined: something is larger than may be handed in. */
export function longestIn(value: unknown): number | undefined {
  const pending: unknown[] = [value];
  let longest = 0;
  for (let seen = 0; pending.length > 0; seen += 1) {
    if (seen > MAX_VALUES) return undefined;
    const next = pending.pop();
    if (typeof next === 'string' && next.length > MAX_TEXT) return undefined;
    if (typeof next !== 'object' || next === null) continue;
    const members = membersOf(next);
    if (members.length > MAX_ELEMENTS) return undefined;
    longest = Math.max(longest, members.length);
    for (const member of members) pending.push(member);
  }
  return longest;
}

function membersOf(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value instanceof Map ? [...value.values()] : Object.values(value);
}
