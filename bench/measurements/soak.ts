import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { complaintsOf } from '../../test/support/faults/complaints.ts';
import {
  credentialFaults,
  freshCredentials,
  underFault,
} from '../../test/support/faults/matrix.ts';
import { startFaultSite } from '../../test/support/faults/site.ts';
import { KubernetesMount } from '../../test/support/policy/kubernetes-mount.ts';
import { soakTraffic } from '../../test/support/traffic/mixtures.ts';
import { TrafficApplication } from '../../test/support/traffic/traffic-application.ts';
import { Traffic } from '../../test/support/traffic/traffic.ts';
import { type Round, comparableThirds, mean } from './resident-set.ts';
import { SoakedGateway } from './soaked-gateway.ts';

// Mixed traffic with a fault every 20 s, over real routers when SKROUTERD names them; then what is left
// behind is counted. Exit 1 when a fault was not withstood, or something hung, lied, mixed, grew or leaked.

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    every: { type: 'string', default: '20' },
  },
});
const RUN_MS = Number(values.minutes) * 60_000;
const EVERY_MS = Number(values.every) * 1000;
/** Kept-alive connections end after 55 s, sessions get their answer at once. */
const QUIET_MS = 75_000;
const SAMPLE_MS = 2_000;
/** The last third may lie this much above the first. */
const RSS_GROWTH = 1.1;

const application = await TrafficApplication.start();
const site = await startFaultSite(application.address);
const mount = await KubernetesMount.create(await freshCredentials());
const gateway = await SoakedGateway.start(site.links, mount);
const problems: string[] = [];
try {
  await soak();
} finally {
  await gateway[Symbol.asyncDispose]();
  await mount[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  await application[Symbol.asyncDispose]();
}
for (const problem of problems) console.log(`FAIL ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);

async function soak(): Promise<void> {
  await sleep(3_000);
  const before = await gateway.held();
  const traffic = new Traffic(soakTraffic(gateway.target));
  const rounds: Round[] = [];
  let rss: number[] = [];
  const sampler = setInterval(() => rss.push(gateway.residentBytes()), SAMPLE_MS);
  const faults = [...site.faults, ...credentialFaults(mount, () => gateway.isPending)];
  const startMs = performance.now();
  for (let round = 0; performance.now() - startMs < RUN_MS; round += 1) {
    const dueMs = startMs + (round + 1) * EVERY_MS;
    await site.settle();
    const fault = faults[round % faults.length]!;
    const report = await underFault(traffic, fault);
    const minute = minutesSince(startMs);
    console.log(JSON.stringify({ minute, rssMb: megabytes(rss.at(-1)), ...report }));
    const complaints = complaintsOf(report, fault);
    problems.push(...complaints.map((it) => `minute ${minute}, ${fault.name}: ${it}`));
    traffic.forgetOutcomes();
    await sleep(Math.max(0, dueMs - performance.now()));
    rounds.push({ fault: fault.name, bytes: mean(rss) });
    rss = [];
  }
  clearInterval(sampler);
  await traffic.stop();
  await sleep(QUIET_MS);
  judge(traffic, rounds, before, await gateway.held());
}

type Held = Awaited<ReturnType<SoakedGateway['held']>>;

function judge(
  { count, answered }: Traffic,
  rounds: readonly Round[],
  before: Held,
  after: Held,
): void {
  const thirds = comparableThirds(rounds);
  const figures = {
    ...count,
    answered,
    rssFirstThirdMb: thirds && megabytes(thirds.firstBytes),
    rssLastThirdMb: thirds && megabytes(thirds.lastBytes),
    rssFaultsCompared: thirds?.faults ?? 'none: the run was too short',
    before,
    after,
  };
  console.log(JSON.stringify(figures, undefined, 2));
  const lies = count.hung + count.falseSuccesses + count.crossTalk;
  if (lies > 0) problems.push(`${lies} requests hung, lied or were mixed up`);
  if (thirds !== undefined && thirds.lastBytes > thirds.firstBytes * RSS_GROWTH)
    problems.push('the resident set grew');
  if (after.lanes > 0) problems.push(`${after.lanes} lanes are left`);
  if (after.sessions > before.sessions) problems.push('sessions are left');
  if (after.descriptors > before.descriptors) problems.push('sockets are left');
  if (after.timers > before.timers) problems.push('timers are left');
}

function megabytes(bytes = 0): number {
  return Math.round((bytes / 1024 / 1024) * 10) / 10;
}

function minutesSince(startMs: number): number {
  return Math.round((performance.now() - startMs) / 6_000) / 10;
}
