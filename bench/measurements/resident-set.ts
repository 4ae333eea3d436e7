/** Resident set of the gateway in one round of the soak, whose fault decides how much is buffered. */
export interface Round {
  readonly fault: string;
  readonly bytes: number;
}

export interface Thirds {
  readonly firstBytes: number;
  readonly lastBytes: number;
  /** Faults that both thirds had, and that alone are compared. */
  readonly faults: number;
}

/**
 * First and last third of the rounds after the warm-up, which is one of each fault: by then every buffer and
 * table has been at its largest once. A fault counts once in each third, with the mean of its rounds, so that
 * both thirds mean the same. Undefined: the run was too short for any fault to be in both.
 */
export function comparableThirds(rounds: readonly Round[]): Thirds | undefined {
  const warmUp = new Set(rounds.map(({ fault }) => fault)).size;
  const counted = rounds.slice(warmUp);
  const third = Math.floor(counted.length / 3);
  const first = meansByFault(counted.slice(0, third));
  const last = meansByFault(third === 0 ? [] : counted.slice(-third));
  const both = [...first.keys()].filter((fault) => last.has(fault));
  if (both.length === 0) return undefined;
  return {
    firstBytes: mean(both.map((fault) => first.get(fault)!)),
    lastBytes: mean(both.map((fault) => last.get(fault)!)),
    faults: both.length,
  };
}

function meansByFault(rounds: readonly Round[]): ReadonlyMap<string, number> {
  const byFault = Map.groupBy(rounds, ({ fault }) => fault);
  return new Map([...byFault].map(([fault, its]) => [fault, mean(its.map((it) => it.bytes))]));
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}
