let lastSecond = Number.NaN;
let lastText = '';

/** An IMF-fixdate (RFC 9110 5.6.7); made once a second, since every response carries one. */
export function httpDate(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1000).toUTCString();
  }
  return lastText;
}
