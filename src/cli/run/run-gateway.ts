import { setTimeout as sleep } from 'node:timers/promises';
import { Gateway } from '../../app/gateway.ts';
import { loadPolicySet } from '../../app/load/load-policy-set.ts';
import type { LoadedSet } from '../../app/load/load-policy-set.ts';
import { testBeforeReload } from '../../app/policy-tests/test-before-reload.ts';
import { loadWhole } from '../../app/reload/load-whole.ts';
import { reloadActions } from '../../app/reload/reload-actions.ts';
import { Reloader } from '../../app/reload/reloader.ts';
import { openGenerations } from '../../app/state/open-generations.ts';
import type { Generations } from '../../app/state/generations.ts';
import { systemClock } from '../../app/system-clock.ts';
import { DEADLINES } from '../../core/deadlines.ts';
import type { PolicyText } from '../../policy/source/read-set.ts';
import {
  AccessLog,
  bufferedDestination,
  createLog,
  directDestination,
} from '../../record/record.ts';
import type { Log } from '../../record/record.ts';
import { endOnCrash } from './crash.ts';
import type { LogFlags } from '../log-options.ts';
import { reportIssues } from './report-issues.ts';

export interface RunOptions extends LogFlags {
  /** A reload whose tests fail is refused. */
  readonly testOnReload: boolean;
  readonly directory: string;
  readonly version: string;
  /** Told of the https port once it serves. Default: nothing but the log says so. */
  readonly onServing?: (port: number) => void;
  /** Its policy lasts as long as the process: nothing is kept for a rollback. Default: false. */
  readonly isPassing?: boolean;
}

/** sysexits.h EX_CONFIG: a supervisor can tell a bad configuration from a crash. */
const EXIT_CONFIG = 78;

/**
 * Serves until SIGTERM or SIGINT, then drains and resolves with 0. Access lines go to standard output,
 * what the gateway says of itself to standard error. A second signal ends at once; so does an error that
 * nothing handles, with 70.
 */
export async function runGateway(options: RunOptions): Promise<number> {
  const log = createLog({
    level: options.log,
    format: options.logFormat,
    destination: directDestination(2),
  });
  endOnCrash(log);
  // A reader that is gone costs what it would have read, never the gateway.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  let reloader: Reloader | undefined;
  let isAskedEarly = false;
  // From the first moment on: unheard, this signal ends a process.
  process.on('SIGHUP', () => {
    isAskedEarly = reloader === undefined;
    void reloader?.reload();
  });
  const generations = await generationsOrSay(options, log);
  if (generations === 'unusable') return EXIT_CONFIG;
  const set = await loadFirst(options.directory, generations);
  const report = reporterOf(options, log);
  report(set);
  if (set.kind === 'errors') return EXIT_CONFIG;
  let flush = (): void => {};
  const started = await startOrSay({
    set,
    log,
    clock: systemClock,
    version: options.version,
    generations: () => generations?.list ?? [],
    accessLog: (metrics) => {
      const destination = bufferedDestination(1, () => metrics.droppedLines.add(1));
      flush = () => destination.flushSync();
      return new AccessLog(destination);
    },
  });
  if (started === undefined) return 1;
  reloader = new Reloader({
    gateway: started,
    set,
    load: (generation, texts) => loadAnew(options, generation, texts),
    report,
    clock: systemClock,
    log,
    generations,
  });
  started.offer(reloadActions(reloader));
  await reloader.start();
  announce(started, log);
  if (started.https !== undefined) options.onServing?.(started.https.port);
  if (isAskedEarly) void reloader.reload();
  await stopSignal();
  reloader.stop();
  process.once('SIGINT', () => process.exit(1));
  process.once('SIGTERM', () => process.exit(1));
  await started.drain();
  flush();
  log.info('stopped');
  return 0;
}

function reporterOf({ logFormat }: RunOptions, log: Log) {
  return (loaded: LoadedSet, keptGeneration?: number): void =>
    reportIssues(loaded, { log, logFormat, stderr: process.stderr, keptGeneration });
}

/** What a reload takes, or refuses. */
async function loadAnew(
  options: RunOptions,
  generation: number,
  texts?: readonly PolicyText[],
): Promise<LoadedSet> {
  const set = await load(options.directory, generation, texts);
  return options.testOnReload ? testBeforeReload(set, systemClock) : set;
}

/** Files that keep on changing are taken as they were read last: the watch sees the rest. */
async function loadFirst(
  directory: string,
  generations: Generations | undefined,
): Promise<LoadedSet> {
  const pinned = generations?.find(generations.pinned ?? 0);
  const once = () => load(directory, generations?.next ?? 1, pinned?.files);
  return (await loadWhole(once, () => sleep(DEADLINES.watchSettleMs))) ?? once();
}

/** A state folder that the policy names and that cannot be used is a mistake to mend before serving. */
async function generationsOrSay({ directory, isPassing = false }: RunOptions, log: Log) {
  if (isPassing) return undefined;
  try {
    return await openGenerations({ directory, cwd: process.cwd(), env: process.env, log });
  } catch (error) {
    log.error(error instanceof Error ? error.message : String(error));
    return 'unusable';
  }
}

function load(
  directory: string,
  generation: number,
  texts?: readonly PolicyText[],
): Promise<LoadedSet> {
  return loadPolicySet(directory, { generation, cwd: process.cwd(), env: process.env, texts });
}

async function startOrSay(
  options: Parameters<typeof Gateway.start>[0],
): Promise<Gateway | undefined> {
  try {
    return await Gateway.start(options);
  } catch (error) {
    options.log.error(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function announce(gateway: Gateway, log: Log): void {
  log.info('serving', {
    https_port: gateway.https?.port,
    http_port: gateway.http?.port,
    plain_port: gateway.plain?.port,
    admin_port: gateway.adminPort,
    health_port: gateway.healthPort,
    generation: gateway.snapshot.generation,
    hash: gateway.snapshot.hash,
  });
}

function stopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once('SIGTERM', () => resolve());
  process.once('SIGINT', () => resolve());
  return promise;
}
