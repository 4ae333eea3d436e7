import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type RowReport, rowReport } from './row.ts';
import { startTwoSites } from './start.ts';
import { FAULTS, type SiteFault } from './two-sites.ts';

/** Share of the requests that may be retried and fail all the same, by fault. */
const MOST_FAILED: Readonly<Record<SiteFault['name'], number>> = {
  [FAULTS.application]: 0.05,
  [FAULTS.way]: 0.01,
  [FAULTS.connector]: 0,
};
/** Fewer prove nothing. */
const LEAST_REQUESTS = 20;

/** Two sites of which one fails in this way are as good as the other one alone, for few clients and for many. */
export async function asGoodAsOneSite(
  context: TestContext,
  name: SiteFault['name'],
): Promise<void> {
  await using sites = await startTwoSites();
  const fault = sites.faults.find((it) => it.name === name)!;
  for (const clients of [2, 12]) {
    for (const balance of ['connection', 'request'] as const) {
      await context.test(`${clients} clients, balance: ${balance}`, async () => {
        const report = await rowReport(sites, { fault, clients, balance });
        console.log(JSON.stringify(report));
        assert.deepEqual(complaintsOf(report, fault), [], JSON.stringify(report.reasons));
      });
    }
  }
}

function complaintsOf(report: RowReport, fault: SiteFault): readonly string[] {
  const { requests, failed, lost, failedLater, clients } = report;
  const most = MOST_FAILED[fault.name] * requests;
  return [
    requests < LEAST_REQUESTS && `only ${requests} requests`,
    failed - lost > most && `${failed - lost} of ${requests} failed that may be retried`,
    failedLater > 0 && `${failedLater} failed later than the first second`,
    // One a client was on its way when the fault began.
    lost > clients && `${lost} were lost under way`,
  ].filter((it) => it !== false);
}
