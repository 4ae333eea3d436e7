import type { Measurement } from './measure.ts';
import type { Scenario } from './scenario.ts';
import { spreadOf } from './spread.ts';
import type { Spread } from './spread.ts';

/** What the rounds gave for one scenario. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly measurements: readonly Measurement[];
}

/** Over the rounds that have the figure; undefined when none has. */
export function figureOf({ measurements }: Outcome, figure: string): Spread | undefined {
  const values = measurements
    .map(({ figures }) => figures[figure])
    .filter((value) => value !== undefined && Number.isFinite(value));
  return values.length === 0 ? undefined : spreadOf(values as number[]);
}

export function failuresOf({ scenario, measurements }: Outcome): readonly string[] {
  return measurements.flatMap(({ failures }, at) =>
    failures.map((failure) => `${scenario.name}, round ${at + 1}: ${failure}`),
  );
}
