/**
 * Metrics are cells of our own: an addition in an array, no library on the request path. Exporters read
 * them (`metrics.ts` renders Prometheus text). One cell per combination of label values.
 */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Sample lines: suffix to the name, labels as rendered, value. */
  samples(): Iterable<Sample>;
}

export interface Sample {
  readonly suffix: string;
  readonly labels: string;
  readonly value: number;
}

/**
 * Combinations per family. Label values come from the policy and from fixed words; hundreds of paths with
 * every method and status come near it.
 */
const MAX_CELLS = 5000;
/** Where further combinations are counted together. */
const OTHER = 'other';

/** Label values → a cell, bounded. */
export class CellTable<Cell> {
  readonly #labelNames: readonly string[];
  readonly #make: () => Cell;
  readonly #maxCells: number;
  readonly #cells = new Map<string, { readonly labels: string; readonly cell: Cell }>();

  constructor(labelNames: readonly string[], make: () => Cell, maxCells = MAX_CELLS) {
    this.#labelNames = labelNames;
    this.#make = make;
    this.#maxCells = maxCells;
  }

  cell(values: readonly string[]): Cell {
    const known = this.#cells.get(values.join('\u0000'));
    if (known !== undefined) return known.cell;
    if (this.#cells.size < this.#maxCells) return this.#add(values);
    const others = this.#labelNames.map(() => OTHER);
    return this.#cells.get(others.join('\u0000'))?.cell ?? this.#add(others);
  }

  entries(): Iterable<{ readonly labels: string; readonly cell: Cell }> {
    return this.#cells.values();
  }

  #add(values: readonly string[]): Cell {
    const entry = { labels: renderLabels(this.#labelNames, values), cell: this.#make() };
    this.#cells.set(values.join('\u0000'), entry);
    return entry.cell;
  }
}

/** `route="web",code="200"`, escaped by the Prometheus text format. */
export function renderLabels(names: readonly string[], values: readonly string[]): string {
  return names.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`).join(',');
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
