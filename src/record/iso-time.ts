let second = Number.NaN;
let prefix = '';

/** `2026-01-01T00:00:00.000Z` of milliseconds since 1970. Lines of one second share all but the last digits. */
export function isoTime(epochMs: number): string {
  const whole = Math.floor(epochMs);
  const seconds = Math.floor(whole / 1000);
  if (seconds !== second) {
    prefix = new Date(seconds * 1000).toISOString().slice(0, -'000Z'.length);
    second = seconds;
  }
  return `${prefix}${String(whole - seconds * 1000).padStart(3, '0')}Z`;
}
