import { besideReport, measurePairs } from './beside.ts';
import type { MeasureNext } from './beside.ts';
import { machineLine } from './machine.ts';
import { measure } from './measure.ts';
import type { Measurement } from './measure.ts';
import type { BenchOptions } from './options.ts';
import { USAGE, readOptions } from './options.ts';
import { failuresOf } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { reportOf } from './report.ts';
import { chosenScenarios } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { benchSessions, SESSION_BENCH } from './session.ts';
import { Testbed } from './testbed.ts';

/** Resolves to the exit code: 0, 1 when anything failed, 2 when it was called wrongly. */
export async function runBench(args: readonly string[]): Promise<number> {
  let options: BenchOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`fairlead bench: ${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  if (options.only.some((part) => SESSION_BENCH.includes(part))) return benchSessions(options);
  const scenarios = chosenScenarios(options.only);
  if (scenarios.length === 0) {
    console.error(`fairlead bench: no scenario has a name with ${options.only.join(' or ')}\n`);
    return 2;
  }
  return runScenarios(scenarios, options);
}

/** Ctrl-C and SIGTERM end the processes in order; a second signal ends the bench at once. */
async function runScenarios(
  scenarios: readonly Scenario[],
  options: BenchOptions,
): Promise<number> {
  await using held = new AsyncDisposableStack();
  const stop = new AbortController();
  const interrupted = signalled().then(() => {
    stop.abort();
    return EXIT_INTERRUPTED;
  });
  try {
    const run = { scenarios, options, held, signal: stop.signal };
    return await Promise.race([compare(run), interrupted]);
  } catch (error) {
    console.error(`fairlead bench: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

const EXIT_INTERRUPTED = 130;

interface Run {
  readonly scenarios: readonly Scenario[];
  readonly options: BenchOptions;
  readonly held: AsyncDisposableStack;
  readonly signal: AbortSignal;
}

async function compare({ scenarios, options, held, signal }: Run): Promise<number> {
  console.log(machineLine());
  const testbed = await Testbed.start(held);
  const { rounds, seconds, megabytes } = options;
  console.log(`router: ${routerLine(testbed)}`);
  console.log(
    `${rounds} rounds over ${scenarios.length} scenarios, ${seconds} s each (transfers: ${megabytes} MB)\n`,
  );
  const measureNext: MeasureNext = (scenario, changed = {}) => {
    signal.throwIfAborted();
    return measure(testbed, scenario, { ...options, ...changed });
  };
  if (options.beside !== undefined) {
    const other = await testbed.beside(held, options.beside);
    const measureThere: MeasureNext = (scenario, changed = {}) => {
      signal.throwIfAborted();
      return measure(other, scenario, { ...options, ...changed });
    };
    const pairs = await measurePairs({
      here: measureNext,
      there: measureThere,
      scenarios,
      rounds,
      seconds,
    });
    console.log(`\n${besideReport(pairs)}`);
    return judge([
      ...pairs.flatMap(({ here, there }) => [here, there].flatMap(failuresOf)),
      ...(await testbed.violations()),
    ]);
  }
  await warmUp(measureNext, scenarios, seconds / 2);
  const outcomes = await interleaved(measureNext, scenarios, rounds);
  const violations = await testbed.violations();
  console.log(`\n${reportOf(outcomes)}`);
  return judge([...outcomes.flatMap(failuresOf), ...violations]);
}

/** Uncounted, so that the first round does not measure the compiler. What fails here fails again. */
async function warmUp(
  measureNext: MeasureNext,
  scenarios: readonly Scenario[],
  seconds: number,
): Promise<void> {
  console.log('warming up …');
  for (const scenario of scenarios) {
    if (scenario.kind !== 'transfer') await measureNext(scenario, { seconds });
  }
}

/** Round-robin: what changes on the machine during the run changes all scenarios alike. */
async function interleaved(
  measureNext: MeasureNext,
  scenarios: readonly Scenario[],
  rounds: number,
): Promise<readonly Outcome[]> {
  const outcomes = scenarios.map((scenario) => ({ scenario, measurements: [] as Measurement[] }));
  for (let round = 1; round <= rounds; round += 1) {
    console.log(`round ${round} of ${rounds} …`);
    for (const { scenario, measurements } of outcomes) {
      measurements.push(await measureNext(scenario));
    }
  }
  return outcomes;
}

function judge(failures: readonly string[]): number {
  if (failures.length === 0) {
    console.log('failures: 0');
    return 0;
  }
  console.log(`failures: ${failures.length}; the figures of this run do not count`);
  for (const failure of failures) console.log(`  ${failure}`);
  return 1;
}

function routerLine({ routerKind }: Testbed): string {
  return routerKind === 'stand-in'
    ? 'stand-in, AMQP listener and tcpListener in one process (set SKROUTERD for real routers)'
    : `two linked skrouterd (${process.env['SKROUTERD'] ?? 'on the PATH'})`;
}

function signalled(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once('SIGINT', () => resolve());
  process.once('SIGTERM', () => resolve());
  return promise;
}
