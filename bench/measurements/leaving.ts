// npm run measure leaving: 1000 honest requests while an attacker sends 50 requests a second and leaves before
// each answer, over lanes and via: tcp, from HTTP/1.1 and HTTP/2. Over the stand-in or SKROUTERD. Two minutes.
import { GatewayProcess } from '../../test/support/gateway/gateway-process.ts';
import { honestRequests } from '../../test/support/clients/honest-requests.ts';
import { startLeavingClients } from '../../test/support/clients/leaving-clients.ts';
import { startOutcomeApplication } from '../../test/support/applications/outcome-application.ts';
import { startRouter } from '../../test/support/routers/router.ts';

/** Of each of the four: both ways in, both HTTP versions. */
const REQUESTS = 250;
const PER_SECOND = 50;
const CLIENTS = 4;
const PAUSE_MS = 15;

await using application = await startOutcomeApplication();
await using router = await startRouter({ connectors: { 'app:1': application.address } });
const { host, port } = application.address;
const hosts = { lane: 'app.example.test', tcp: 'other.example.test' };

let failed = 0;
for (const version of ['1.1', '2'] as const) {
  for (const way of ['lane', 'tcp'] as const) failed += await measured(way, version);
}
process.exitCode = failed === 0 ? 0 : 1;

/** Connections are not kept, so that no kept-alive one vouches for the service. */
async function measured(way: 'lane' | 'tcp', version: '1.1' | '2'): Promise<number> {
  await using gateway = await GatewayProcess.start({
    links: [router.link],
    policy: `
services:
  lane: { address: "app:1", balance: request }
  tcp: { via: tcp, host: ${host}, port: ${port}, balance: request }
routes:
  lane: { host: ${hosts.lane}, service: lane, auth: public }
  tcp: { host: ${hosts.tcp}, service: tcp, auth: public }
`,
  });
  const startedMs = performance.now();
  await using attacker = startLeavingClients(gateway, {
    version,
    host: hosts[way],
    path: '/silent',
    perSecond: PER_SECOND,
  });
  const each = { host: hosts[way], count: REQUESTS / CLIENTS, pauseMs: PAUSE_MS };
  const parts = await Promise.all(
    Array.from({ length: CLIENTS }, () => honestRequests(gateway, each)),
  );
  const statuses: Record<string, number> = {};
  for (const [status, count] of parts.flatMap((part) => Object.entries(part))) {
    statuses[status] = (statuses[status] ?? 0) + count;
  }
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(
    `${way}, attacker over HTTP/${version}: of ${REQUESTS} honest requests ${JSON.stringify(statuses)}; ` +
      `${attacker.left} clients left early in ${seconds.toFixed(1)} s`,
  );
  return REQUESTS - (statuses['200'] ?? 0);
}
