// npm run measure shared-limits [seconds]: what gateways with one Redis admit of five times a tenant's rate; what
// they do while Redis is killed, paused and restarted; round trips and the CPU of one check. Seven minutes.
import { cpus, loadavg } from 'node:os';
import { GatewayProcess } from '../../test/support/gateway/gateway-process.ts';
import { TestRedis } from '../../test/support/sessions/redis.ts';
import { boundOf } from './limits/bound.ts';
import { checkCpuMicros } from './limits/check-cpu.ts';
import { countRoundTrips } from './limits/round-trips.ts';
import { offer } from './limits/offered-load.ts';
import type { Offered } from './limits/offered-load.ts';

const RATE = 40;
const OFFERED_PER_SECOND = 5 * RATE;
const ADDRESS_LIMITS = 'limits: { perClientAddress: { rate: 100000/s, connections: 10000 } }';
const SECONDS = Number(process.argv.at(-1)) || 30;
/** Above the bound of the algorithm: what is left for the edges of the measured time. */
const ALLOWED_SHARE = 1.01;

/** One after the other: on a busy machine four at once take longer than a start may. */
async function startGateways(
  count: number,
  redisUrl: string,
  limits: string,
): Promise<GatewayProcess[]> {
  const options = {
    gateway: `store: { redis: "${redisUrl}", replicas: ${count} }\n${ADDRESS_LIMITS}`,
    policy: `
routes:
  web: { host: app.example.test, auth: public, limits: { ${limits} }, respond: { status: 200, body: ok } }`,
  };
  const gateways: GatewayProcess[] = [];
  while (gateways.length < count) gateways.push(await GatewayProcess.start(options));
  return gateways;
}

async function measureBound(count: number, algorithm: 'window' | 'strict'): Promise<boolean> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await TestRedis.start());
  const limits = `rate: ${RATE}/s, algorithm: ${algorithm}, whenDown: closed`;
  const gateways = await startGateways(count, redis.url, limits);
  for (const gateway of gateways) stack.use(gateway);
  const found = await offer(gateways, OFFERED_PER_SECOND, SECONDS * 1000);
  const bound = boundOf(algorithm, RATE, found.elapsedMs / 1000);
  console.log(
    `${count} gateways, ${algorithm}: ${textOf(found)}; at most ${Math.floor(bound)}` +
      ` (${((100 * (found.statuses[200] ?? 0)) / bound).toFixed(1)} % of it)`,
  );
  return (found.statuses[200] ?? 0) <= bound * ALLOWED_SHARE;
}

/** In each phase the same load; then what Redis was asked in the two seconds after its return. */
async function measureOutages(whenDown: string): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await TestRedis.start());
  const gateways = await startGateways(2, redis.url, `rate: ${RATE}/s, whenDown: ${whenDown}`);
  for (const gateway of gateways) stack.use(gateway);
  const phase = async (name: string, seconds: number): Promise<void> => {
    const found = await offer(gateways, OFFERED_PER_SECOND, seconds * 1000);
    console.log(`  ${whenDown}, ${name}, ${seconds} s: ${textOf(found)}`);
  };
  await phase('with Redis', 5);
  await redis.kill();
  await phase('killed', 10);
  await redis.restart();
  await phase('restarted', 2);
  console.log(`  seen by Redis since its start: ${await askedOf(redis)}`);
  redis.suspend();
  await phase('paused', SECONDS);
  redis.resume();
  const before = await askedOf(redis);
  await phase('resumed', 2);
  console.log(
    `  seen by Redis: at the return ${before}, two seconds later ${await askedOf(redis)}`,
  );
}

async function askedOf(redis: TestRedis): Promise<string> {
  const stats = await redis.command('INFO', 'stats');
  const of = (name: string) => new RegExp(`^${name}:(\\d+)`, 'm').exec(stats)?.[1];
  return `${of('total_connections_received')} connections, ${of('total_commands_processed')} commands`;
}

function textOf({ statuses, longestMs, elapsedMs, sent }: Offered): string {
  const counts = Object.entries(statuses).map(([status, count]) => `${count} × ${status}`);
  const perSecond = Math.round((sent * 1000) / elapsedMs);
  return `${counts.join(', ')} of ${sent} (${perSecond}/s), longest wait ${Math.round(longestMs)} ms`;
}

console.log(`load ${loadavg().map((each) => each.toFixed(1))}, ${cpus().length} processors`);
console.log(`a check with memory: ${checkCpuMicros().toFixed(2)} µs CPU`);
console.log(`on the wire: ${await countRoundTrips(startGateways)}`);
for (const whenDown of ['local-share', 'open', 'closed']) await measureOutages(whenDown);
let isWithin = true;
for (const count of [2, 4]) {
  for (const algorithm of ['window', 'strict'] as const) {
    isWithin = (await measureBound(count, algorithm)) && isWithin;
  }
}
console.log(`load ${loadavg().map((each) => each.toFixed(1))}`);
process.exitCode = isWithin ? 0 : 1;
