import type { Limit } from '../../policy/snapshot/snapshot.ts';

/** For people: `10/s`, `100000 a month (UTC)`, `8 at the same time`, `2 connections`. */
export function amountText(limit: Limit): string {
  if (limit.kind === 'rate') return limit.shape.rate.text;
  if (limit.kind === 'quota') return limit.text;
  if (limit.counts === undefined) return `${limit.most} at the same time`;
  return limit.most === 1 ? '1 connection' : `${limit.most} connections`;
}
