import { firstField } from '../core/header-list.ts';
import type { HeaderList } from '../core/header-list.ts';

/** Retry-After in words: `12 seconds`. Undefined: the answer does not say when, or says it by a date. */
export function retryWords(headers: HeaderList): string | undefined {
  const value = firstField(headers, 'retry-after');
  if (value === undefined || !/^\d{1,9}$/.test(value)) return undefined;
  return waitWords(Number(value));
}

/** Rounded up, so that whoever waits this long has waited long enough. */
function waitWords(seconds: number): string {
  if (seconds < 120) return counted(seconds, 'second');
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? counted(minutes, 'minute') : counted(Math.ceil(minutes / 60), 'hour');
}

function counted(amount: number, unit: string): string {
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
