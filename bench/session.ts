import { LazyRequestView } from '../src/evaluate/auth/request-view.ts';
import { setCookieField } from '../src/browser/set-cookie.ts';
import { systemClock } from '../src/app/system-clock.ts';
import { SessionService } from '../src/session/session-service.ts';
import { MemoryStore } from '../src/store/memory-store.ts';
import { inbound } from '../test/support/auth/auth.ts';
import { rule } from '../test/support/policy/policy.ts';
import { machineLine } from './machine.ts';
import type { BenchOptions } from './options.ts';

/** The name under which `--only` finds it. */
export const SESSION_BENCH = 'session-look-up';

/** What one look-up may cost of processor time, per request, with the memory store. */
const BUDGET_MICROSECONDS = 30;
const SESSIONS = 1000;
const BATCH = 10_000;
const LIMITS = { idleMs: 1_800_000, absoluteMs: 43_200_000 };

/**
 * Processor time of finding a session by its cookie: from the raw fields to the frozen session, for a
 * thousand people in turn. Resolves to 1 when the median is above the budget.
 */
export async function benchSessions({ rounds, seconds }: BenchOptions): Promise<number> {
  console.log(machineLine());
  console.log(`session look-up, memory store, ${SESSIONS} sessions in turn; µs of CPU each`);
  let isWithin = true;
  for (const tokenBytes of [100, 4096, 65_536]) {
    const lookUp = await lookUpOf(tokenBytes);
    const costs = Array.from({ length: rounds }, () => microsecondsOf(lookUp, seconds));
    const sorted = costs.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)]!;
    isWithin &&= median <= BUDGET_MICROSECONDS;
    const [least, most] = [sorted[0]!.toFixed(2), sorted.at(-1)!.toFixed(2)];
    console.log(`  token of ${tokenBytes} B: ${median.toFixed(2)} (${least} to ${most})`);
  }
  if (!isWithin) console.error(`above the budget of ${BUDGET_MICROSECONDS} µs`);
  return isWithin ? 0 : 1;
}

async function lookUpOf(tokenBytes: number): Promise<(at: number) => void> {
  const store = new MemoryStore(systemClock);
  const service = new SessionService({
    clock: systemClock,
    store,
    settings: () => LIMITS,
    log: () => {},
  });
  const sessions = service.forProvider('corp');
  const views = { exchangeId: '01J00000000000000000000000', rule: rule(), publicPort: 443 };
  const requests: ReturnType<typeof inbound>[] = [];
  for (let i = 0; i < SESSIONS; i += 1) {
    const identity = {
      subject: `person-${i}`,
      issuer: 'https://login.example.com',
      method: 'oidc',
      authenticatedAt: systemClock.now(),
      claims: { org: 'acme', groups: ['admins', 'users'], email: `person-${i}@example.com` },
    };
    // Strings of their own, as tokens are.
    const idToken = `${i}`.padEnd(tokenBytes, 'abcdefgh');
    const request = new LazyRequestView({ ...views, request: inbound() });
    const { setCookies } = await sessions.open({ request, identity, data: { idToken } });
    const cookie = `theme=dark; ${setCookieField(setCookies[0]!).split(';')[0]}; lang=de`;
    requests.push(inbound({ headers: ['accept', 'text/html', 'cookie', cookie] }));
  }
  return (at) => {
    const view = new LazyRequestView({ ...views, request: requests[at % SESSIONS]! });
    if (sessions.current(view) === undefined) throw new Error('a session was not found');
  };
}

function microsecondsOf(lookUp: (at: number) => void, seconds: number): number {
  for (let i = 0; i < BATCH; i += 1) lookUp(i);
  const end = performance.now() + seconds * 1000;
  const before = process.cpuUsage();
  let count = 0;
  while (performance.now() < end) {
    for (let i = 0; i < BATCH; i += 1) lookUp(i);
    count += BATCH;
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}
