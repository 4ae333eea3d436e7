import { renderLabels } from './metric-cells.ts';
import type { MetricFamily, Sample } from './metric-cells.ts';
import { METRICS } from '../telemetry/names/names.ts';

/** Labels of one event; a plugin that wants more wants a log. */
const MAX_LABELS = 4;
/** Longer values are cut: they are words, not texts. */
const MAX_VALUE_LENGTH = 64;
/** Combinations of one provider. What a plugin takes from outside must not crowd out the others. */
const MAX_CELLS = 200;
/** Prometheus' own form; names that begin with `__` are its own. */
const LABEL_NAME = /^(?!__)[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const OWN_NAMES: ReadonlySet<string> = new Set(['provider', 'event']);

type EventLabels = Readonly<Record<string, string>>;

interface Cell {
  value: number;
}

/** What plugins count, with labels of their own, bounded for each provider. */
export class PluginEvents implements MetricFamily {
  readonly name = METRICS.pluginEvents.name;
  readonly help = METRICS.pluginEvents.help;
  readonly type = METRICS.pluginEvents.type;
  /** By provider, which the policy names; then by the labels as rendered. */
  readonly #cells = new Map<string, Map<string, Cell>>();

  add(amount: number, provider: string, event: string, labels: EventLabels = {}): void {
    this.#cellOf(provider, event, labels).value += amount;
  }

  *samples(): Iterable<Sample> {
    for (const cells of this.#cells.values()) {
      for (const [labels, { value }] of cells) yield { suffix: '', labels, value };
    }
  }

  #cellOf(provider: string, event: string, labels: EventLabels): Cell {
    let cells = this.#cells.get(provider);
    if (cells === undefined) this.#cells.set(provider, (cells = new Map()));
    const key = rendered(provider, event, labels);
    const isFull = cells.size >= MAX_CELLS && !cells.has(key);
    return getOrAdd(cells, isFull ? rendered(provider, 'other', {}) : key);
  }
}

function getOrAdd(cells: Map<string, Cell>, key: string): Cell {
  const known = cells.get(key);
  if (known !== undefined) return known;
  const cell = { value: 0 };
  cells.set(key, cell);
  return cell;
}

/** Sorted, so that one combination is one cell in whatever order the plugin names its labels. */
function rendered(provider: string, event: string, labels: EventLabels): string {
  const own = Object.entries(labels)
    .filter(([name]) => LABEL_NAME.test(name) && !OWN_NAMES.has(name))
    .slice(0, MAX_LABELS)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const names = ['provider', 'event', ...own.map(([name]) => name)];
  const values = [provider, event, ...own.map(([, value]) => value)];
  return renderLabels(
    names,
    values.map((value) => value.slice(0, MAX_VALUE_LENGTH)),
  );
}
