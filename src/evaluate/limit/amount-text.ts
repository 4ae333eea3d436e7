import type { Limit } from '../../policy/snapshot/snapshot.ts';

/** For people: `10/s`, `100000 a month (UTC)`, `8 at the same time`. */
export function amountText(limit: Limit): string {
  if (limit.kind === 'rate') return limit.shape.rate.text;
  return limit.kind === 'quota' ? limit.text : `${limit.most} at the same time`;
}
