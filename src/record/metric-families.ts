import { CellTable, renderLabels } from './metric-cells.ts';
import type { MetricFamily, Sample } from './metric-cells.ts';

/** What a family takes of the register's entry. */
interface Names {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

export interface NumberNames extends Names {
  readonly type: 'counter' | 'gauge';
}

export interface GaugeNames extends Names {
  readonly type: 'gauge';
}

export interface HistogramNames extends Names {
  readonly type: 'histogram';
}

interface NumberCell {
  value: number;
}

/** Counts up, or with `type: 'gauge'` up and down. */
export class NumberFamily implements MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly #table: CellTable<NumberCell>;

  constructor({ type, name, help, labels }: NumberNames) {
    this.type = type;
    this.name = name;
    this.help = help;
    this.#table = new CellTable(labels, () => ({ value: 0 }));
    // Without labels there is one cell, and it is 0 before the first event, not absent.
    if (labels.length === 0) this.#table.cell([]);
  }

  add(amount: number, ...labelValues: readonly string[]): void {
    this.#table.cell(labelValues).value += amount;
  }

  set(value: number, ...labelValues: readonly string[]): void {
    this.#table.cell(labelValues).value = value;
  }

  *samples(): Iterable<Sample> {
    for (const { labels, cell } of this.#table.entries()) {
      yield { suffix: '', labels, value: cell.value };
    }
  }
}

/** A number that is read when somebody looks. */
export class ObservedGauge implements MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type = 'gauge';
  readonly #read: () => number;

  constructor({ name, help }: GaugeNames, read: () => number) {
    this.name = name;
    this.help = help;
    this.#read = read;
  }

  *samples(): Iterable<Sample> {
    yield { suffix: '', labels: '', value: this.#read() };
  }
}

/** Numbers that are read when somebody looks, one for each value of a label: what is gone is not shown. */
export class ObservedGauges implements MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type = 'gauge';
  readonly #labels: readonly string[];
  readonly #read: () => Iterable<readonly [labelValue: string, value: number]>;

  constructor(
    { name, help, labels }: GaugeNames,
    read: () => Iterable<readonly [labelValue: string, value: number]>,
  ) {
    this.name = name;
    this.help = help;
    this.#labels = labels;
    this.#read = read;
  }

  *samples(): Iterable<Sample> {
    for (const [labelValue, value] of this.#read()) {
      yield { suffix: '', labels: renderLabels(this.#labels, [labelValue]), value };
    }
  }
}

interface HistogramCell {
  readonly counts: Float64Array;
  sum: number;
}

/** Counts per fixed bound; bounds ascend, `+Inf` is added. */
export class HistogramFamily implements MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly #bounds: readonly number[];
  readonly #table: CellTable<HistogramCell>;

  constructor({ name, help, labels }: HistogramNames, bounds: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = bounds;
    const size = bounds.length + 1;
    this.#table = new CellTable(labels, () => ({ counts: new Float64Array(size), sum: 0 }));
  }

  record(value: number, ...labelValues: readonly string[]): void {
    const cell = this.#table.cell(labelValues);
    const index = this.#bounds.findIndex((bound) => value <= bound);
    cell.counts[index === -1 ? this.#bounds.length : index]! += 1;
    cell.sum += value;
  }

  *samples(): Iterable<Sample> {
    for (const { labels, cell } of this.#table.entries()) {
      const prefix = labels === '' ? '' : `${labels},`;
      let total = 0;
      for (const [index, count] of cell.counts.entries()) {
        total += count;
        const bound = this.#bounds[index] ?? '+Inf';
        yield { suffix: '_bucket', labels: `${prefix}le="${bound}"`, value: total };
      }
      yield { suffix: '_sum', labels, value: cell.sum };
      yield { suffix: '_count', labels, value: total };
    }
  }
}
