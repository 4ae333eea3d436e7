import type { Measurement } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { figureOf } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { aligned } from './report.ts';
import type { Scenario } from './scenario.ts';
import { spreadOf } from './spread.ts';
import type { Spread } from './spread.ts';

export type MeasureNext = (
  scenario: Scenario,
  changed?: Partial<BenchOptions>,
) => Promise<Measurement>;

/** One scenario over the code of two checkouts; the measurements at one index were made one after the other. */
export interface Pair {
  readonly here: Outcome;
  readonly there: Outcome;
}

export interface PairsRun {
  readonly here: MeasureNext;
  readonly there: MeasureNext;
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * All gateways run the whole time, and a pair is measured within seconds, so that what changes on the
 * machine changes both. Who is first alternates.
 */
export async function measurePairs(run: PairsRun): Promise<readonly Pair[]> {
  const scenarios = run.scenarios.filter(
    (one) => one.kind !== 'requests' || one.way !== 'straight',
  );
  const pairs = scenarios.map((scenario) => ({
    here: { scenario, measurements: [] as Measurement[] },
    there: { scenario, measurements: [] as Measurement[] },
  }));
  for (let round = 0; round <= run.rounds; round += 1) {
    console.log(round === 0 ? 'warming up …' : `round ${round} of ${run.rounds} …`);
    for (const { here, there } of pairs) {
      const sides = [
        [run.here, here],
        [run.there, there],
      ] as const;
      for (const [measureNext, outcome] of round % 2 === 0 ? sides : sides.toReversed()) {
        const measurement = await measureNext(outcome.scenario);
        if (round > 0) outcome.measurements.push(measurement);
      }
    }
  }
  return pairs;
}

/** Processor time of both, and what the pairs say: here divided by there, of each pair. */
export function besideReport(pairs: readonly Pair[]): string {
  const head = ['CPU µs, min / median / max', 'there', 'here', 'ratio of a pair', 'mean ratio'];
  const rows = pairs.map((pair) => {
    const ratios = ratiosOf(pair);
    return [
      pair.here.scenario.name,
      cell(figureOf(pair.there, 'cpu'), 1),
      cell(figureOf(pair.here, 'cpu'), 1),
      cell(ratios.length === 0 ? undefined : spreadOf(ratios), 2),
      ratios.length === 0 ? '–' : geometricMean(ratios),
    ];
  });
  return aligned([head, ...rows]);
}

function ratiosOf({ here, there }: Pair): readonly number[] {
  return here.measurements
    .map(({ figures }, at) => figures['cpu']! / there.measurements[at]!.figures['cpu']!)
    .filter((ratio) => Number.isFinite(ratio));
}

function cell(spread: Spread | undefined, digits: number): string {
  if (spread === undefined) return 'failed';
  return [spread.minimum, spread.median, spread.maximum]
    .map((value) => value.toFixed(digits))
    .join(' / ');
}

/** Of ratios: a pair of 2 and a pair of 1/2 together are 1. With two standard errors. */
function geometricMean(ratios: readonly number[]): string {
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
  const variance =
    logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, logs.length - 1);
  const error = 2 * Math.sqrt(variance / logs.length);
  return `${Math.exp(mean).toFixed(3)} ± ${error.toFixed(3)}`;
}
