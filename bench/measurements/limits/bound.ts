/** The most that docs/limits.md allows in any time of so many seconds, of `rate` a second without a burst above it. */
export function boundOf(algorithm: 'window' | 'strict', rate: number, seconds: number): number {
  return algorithm === 'window' ? rate * (Math.ceil(seconds) + 1) : rate + rate * seconds;
}
