import { UNIT_MS } from '../../core/duration.ts';

/** `30s`, as durations are written in a policy. */
export { DURATION_PATTERN } from '../../core/duration.ts';

/** Milliseconds of a text that matches `DURATION_PATTERN`. */
export function milliseconds(duration: string): number {
  const unit = /[a-z]+$/.exec(duration)?.[0] ?? '';
  return Number.parseInt(duration, 10) * UNIT_MS[unit]!;
}
