import type { BenchOptions } from './options.ts';
import { HOST } from './gateway-process.ts';
import type { LoadResult, LoadTarget } from './processes/generator.ts';
import type { StreamsResult, TransferResult } from './processes/opener.ts';
import type { RequestScenario, Scenario, StreamScenario, TransferScenario } from './scenario.ts';
import type { Testbed } from './testbed.ts';

/** One scenario in one round: figures by name (report.ts has their units), and what went wrong. */
export interface Measurement {
  readonly figures: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

/** Part of the measuring time for which the same load runs before, uncounted. */
const WARM_UP_SHARE = 0.25;
/** A transfer slower than this has failed. */
const LEAST_MEGABYTES_PER_SECOND = 2;

/** Never rejects: what went wrong is a failure of the measurement. */
export async function measure(
  testbed: Testbed,
  scenario: Scenario,
  options: BenchOptions,
): Promise<Measurement> {
  try {
    return await measureOne(testbed, scenario, options);
  } catch (error) {
    return { figures: {}, failures: [error instanceof Error ? error.message : String(error)] };
  }
}

function measureOne(
  testbed: Testbed,
  scenario: Scenario,
  options: BenchOptions,
): Promise<Measurement> {
  const ms = options.seconds * 1_000;
  if (scenario.kind === 'requests') return measureRequests(testbed, scenario, ms);
  if (scenario.kind === 'streams') return measureStreams(testbed, scenario, ms);
  return measureTransfer(testbed, scenario, options.megabytes);
}

/**
 * Both processor times are read while nothing is in flight, before the first counted request and after
 * the last, so that time and requests belong together exactly.
 */
async function measureRequests(
  testbed: Testbed,
  scenario: RequestScenario,
  ms: number,
): Promise<Measurement> {
  const { generator } = testbed;
  const { port, measured } = testbed.entrance(scenario.way);
  await generator.ask('open', targetOf(scenario, port, testbed.caPem));
  await generator.ask('run', { ms: ms * WARM_UP_SHARE }, ms);
  const before = [await measured.cpuMicros(), await generator.cpuMicros()] as const;
  const result = await generator.ask<LoadResult>('run', { ms }, ms);
  const after = [await measured.cpuMicros(), await generator.cpuMicros()] as const;
  await generator.ask('close');
  const { requests } = result;
  return {
    failures: failuresOf(result),
    figures: {
      rate: (requests * 1_000) / result.elapsedMs,
      p50: result.p50Micros / 1_000,
      p99: result.p99Micros / 1_000,
      cpu: (after[0] - before[0]) / requests,
      generatorCpu: (after[1] - before[1]) / requests,
    },
  };
}

function targetOf(scenario: RequestScenario, port: number, caPem: string): LoadTarget {
  const { connections, bodyOctets } = scenario;
  return { port, caPem, host: HOST, path: `/${bodyOctets}`, connections, bodyOctets };
}

function failuresOf({ requests, failureCount, failures }: LoadResult): readonly string[] {
  if (failureCount > 0) return [`${failureCount} failed requests: ${failures.join('; ')}`];
  return requests === 0 ? ['no request was answered'] : [];
}

async function measureStreams(
  { opener }: Testbed,
  { stream, streams }: StreamScenario,
  ms: number,
): Promise<Measurement> {
  const question = { kind: stream, atATime: streams };
  await opener.ask('streams', { ...question, ms: ms * WARM_UP_SHARE }, ms);
  const result = await opener.ask<StreamsResult>('streams', { ...question, ms }, ms);
  return {
    failures: [],
    figures: {
      rate: (result.streams * 1_000) / result.elapsedMs,
      cpu: result.cpuMicros / result.streams,
    },
  };
}

async function measureTransfer(
  { opener }: Testbed,
  { stream, direction }: TransferScenario,
  megabytes: number,
): Promise<Measurement> {
  const limitMs = 5_000 + (megabytes / LEAST_MEGABYTES_PER_SECOND) * 1_000;
  const question = { kind: stream, direction, octets: Math.round(megabytes * 1e6), limitMs };
  const result = await opener.ask<TransferResult>('transfer', question, limitMs);
  return {
    failures: [],
    figures: {
      rate: megabytes / (result.elapsedMs / 1_000),
      cpu: result.cpuMicros / megabytes,
    },
  };
}
