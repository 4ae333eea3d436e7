import { figureOf } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import type { Scenario } from './scenario.ts';

interface Column {
  readonly title: string;
  readonly figure: string;
  readonly digits: number;
}

interface Section {
  readonly kind: Scenario['kind'];
  readonly title: string;
  readonly columns: readonly Column[];
}

const SECTIONS: readonly Section[] = [
  {
    kind: 'requests',
    title: 'Requests: client by HTTP/1.1 over TLS, kept alive; CPU per request',
    columns: [
      { title: 'requests/s', figure: 'rate', digits: 0 },
      { title: 'p50 ms', figure: 'p50', digits: 3 },
      { title: 'p99 ms', figure: 'p99', digits: 3 },
      { title: 'gateway CPU µs', figure: 'cpu', digits: 1 },
      { title: 'generator CPU µs', figure: 'generatorCpu', digits: 1 },
    ],
  },
  {
    kind: 'streams',
    title: 'A new stream for each request (no client side)',
    columns: [
      { title: 'streams/s', figure: 'rate', digits: 0 },
      { title: 'opener CPU µs/stream', figure: 'cpu', digits: 1 },
    ],
  },
  {
    kind: 'transfer',
    title: 'One transfer over one stream (no client side)',
    columns: [
      { title: 'MB/s', figure: 'rate', digits: 1 },
      { title: 'opener CPU µs/MB', figure: 'cpu', digits: 1 },
    ],
  },
];

const NAME_WIDTH = 32;
const COLUMN_GAP = 2;

/** The tables, minimum, median and maximum of each figure, and below them the ratios of medians. */
export function reportOf(outcomes: readonly Outcome[]): string {
  const sections = SECTIONS.map((section) => {
    const ofKind = outcomes.filter(({ scenario }) => scenario.kind === section.kind);
    if (ofKind.length === 0) return '';
    const compared = LISTENERS.map((listener) => ratios(section, ofKind, listener));
    return [table(section, ofKind), ...compared].join('\n');
  });
  return sections.filter((text) => text !== '').join('\n');
}

function table({ title, columns }: Section, outcomes: readonly Outcome[]): string {
  const rows = [
    ['min / median / max', ...columns.map((column) => column.title)],
    ...outcomes.map((outcome) => [
      outcome.scenario.name,
      ...columns.map((column) => cell(outcome, column)),
    ]),
  ];
  const note = outcomes.some(({ scenario }) => isStraight(scenario))
    ? "* straight: no gateway; the CPU is the backend's\n"
    : '';
  return `${title}\n${aligned(rows)}\n${note}`;
}

function cell(outcome: Outcome, { figure, digits }: Column): string {
  const spread = figureOf(outcome, figure);
  if (spread === undefined) return 'failed';
  const { minimum, median, maximum } = spread;
  const text = [minimum, median, maximum].map((value) => value.toFixed(digits)).join(' / ');
  return figure === 'cpu' && isStraight(outcome.scenario) ? `*${text}` : text;
}

function isStraight(scenario: Scenario): boolean {
  return scenario.kind === 'requests' && scenario.way === 'straight';
}

/** The other ways through a router, and what they are called in the report. */
const LISTENERS = [
  { suffix: 'tcp-listener', title: 'a tcpListener with mutual TLS' },
  { suffix: 'plain-listener', title: 'a tcpListener without TLS' },
] as const;

/** Only figures of one run may be compared, so the comparison is printed with them. */
function ratios(
  { columns }: Section,
  outcomes: readonly Outcome[],
  { suffix, title }: (typeof LISTENERS)[number],
): string {
  const compared = columns.filter(({ figure }) => figure !== 'generatorCpu');
  const rows = outcomes.flatMap((lanes) => {
    const listener = outcomes.find(({ scenario }) =>
      isCounterpart(scenario, lanes.scenario, suffix),
    );
    if (listener === undefined) return [];
    const name = lanes.scenario.name;
    return [[name, ...compared.map(({ figure }) => ratio(lanes, listener, figure))]];
  });
  if (rows.length === 0) return '';
  const head = ['ratio of medians', ...compared.map((column) => column.title)];
  return `Lanes divided by ${title}\n${aligned([head, ...rows])}\n`;
}

function isCounterpart(listener: Scenario, lanes: Scenario, suffix: string): boolean {
  const isLane = / lanes?$/.test(lanes.name);
  return isLane && listener.name === lanes.name.replace(/ lanes?$/, ` ${suffix}`);
}

function ratio(lanes: Outcome, listener: Outcome, figure: string): string {
  const [above, below] = [figureOf(lanes, figure), figureOf(listener, figure)];
  if (above === undefined || below === undefined) return '–';
  return (above.median / below.median).toFixed(2);
}

/** The first column to the left, the others to the right, as wide as what is in them. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows
    .map(([name, ...cells]) => {
      const rest = cells.map((text, at) => text.padStart(widths[at + 1]! + COLUMN_GAP));
      return `  ${name!.padEnd(NAME_WIDTH)}${rest.join('')}`;
    })
    .join('\n');
}
