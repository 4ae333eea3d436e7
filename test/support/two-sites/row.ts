import { setTimeout as sleep } from 'node:timers/promises';
import { TestGateway } from '../gateway/gateway.ts';
import { waitUntil } from '../tools/wait-until.ts';
import { bothServe } from './both-serve.ts';
import { type ClientRequest, Clients } from './clients.ts';
import type { SiteFault, TwoSites } from './two-sites.ts';

export interface Row {
  readonly fault: SiteFault;
  readonly clients: number;
  readonly balance: 'connection' | 'request';
}

/** What became of the requests that began while the fault lasted, or were on their way when it began. */
export interface RowReport {
  readonly fault: string;
  readonly clients: number;
  readonly balance: string;
  readonly requests: number;
  readonly failed: number;
  /** Of the failed, those on what was lost, with octets on their way: they may not be sent again. */
  readonly lost: number;
  /** Of the failed that may be retried, those that began later than a second after the fault. */
  readonly failedLater: number;
  /** Requests that each application answered in the time of the fault. */
  readonly answered: readonly number[];
  readonly retries: number;
  /** What the gateway says of the failed, with its number. */
  readonly reasons: Readonly<Record<string, number>>;
}

const HOLD_MS = 3_000;
const FIRST_MS = 1_000;

/** Lets the fault happen under the traffic of so many clients, through a gateway of its own. */
export async function rowReport(
  sites: TwoSites,
  { fault, clients, balance }: Row,
): Promise<RowReport> {
  await sites.settle();
  await bothServe(sites);
  await using gateway = await TestGateway.start({
    links: sites.links,
    policy: `
services: { web: { address: "web:8080", balance: ${balance} } }
routes: { web: { host: app.example.test, service: web, auth: public } }
`,
  });
  await connected(gateway, 2 * sites.links.length);
  await using traffic = new Clients(gateway, clients);
  // Both sites serve it, and their connectors are known to the routers that the gateway knows.
  const before = sites.applications.map(({ requests }) => requests);
  const isServed = () => sites.applications.every((it, index) => it.requests > before[index]! + 20);
  await waitUntil('requests at both sites', isServed, 20_000);
  const recordsBefore = gateway.records.length;
  const answeredBefore = sites.applications.map(({ requests }) => requests);
  const beganMs = performance.now();
  await fault.begin();
  await sleep(HOLD_MS);
  const answered = sites.applications.map(
    ({ requests }, index) => requests - answeredBefore[index]!,
  );
  const endedMs = performance.now();
  const during = (await traffic.stop()).filter(
    ({ startedMs, endedMs: doneMs }) => doneMs > beganMs && startedMs < endedMs,
  );
  await fault.end();
  const records = gateway.records.slice(recordsBefore);
  return {
    fault: fault.name,
    clients,
    balance,
    ...countsOf(during, beganMs),
    answered,
    retries: records.reduce((sum, { retries }) => sum + Number(retries ?? 0), 0),
    reasons: reasonsOf(records),
  };
}

type Counts = Pick<RowReport, 'requests' | 'failed' | 'lost' | 'failedLater'>;

function countsOf(requests: readonly ClientRequest[], beganMs: number): Counts {
  const failed = requests.filter(({ status }) => status !== 200);
  const [lost, others] = [failed.filter(isLost), failed.filter((it) => !isLost(it))];
  return {
    requests: requests.length,
    failed: failed.length,
    lost: lost.length,
    failedLater: others.filter(({ startedMs }) => startedMs > beganMs + FIRST_MS).length,
  };
}

/** The application may have begun to act on it. */
function isLost({ code }: ClientRequest): boolean {
  return code === 'upstream_reset';
}

function connected(gateway: TestGateway, connections: number): Promise<void> {
  const isOpen = () =>
    gateway.gateway.metrics.render().includes(`\nfairlead_router_connections ${connections}\n`);
  return waitUntil('all router connections', isOpen, 10_000);
}

function reasonsOf(records: TestGateway['records']): Record<string, number> {
  const reasons: Record<string, number> = {};
  for (const { fault, fault_detail: detail } of records) {
    if (typeof fault !== 'string') continue;
    const reason = `${fault}: ${String(detail)}`;
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return reasons;
}
