// npm run measure two-sites: one of two sites fails under the traffic of 2 and of 12 clients. Two minutes.
import { startTwoSites } from '../../test/support/two-sites/start.ts';
import { rowReport } from '../../test/support/two-sites/row.ts';

await using sites = await startTwoSites();
for (const fault of sites.faults) {
  for (const clients of [2, 12]) {
    for (const balance of ['connection', 'request'] as const) {
      console.log(JSON.stringify(await rowReport(sites, { fault, clients, balance })));
    }
  }
}
