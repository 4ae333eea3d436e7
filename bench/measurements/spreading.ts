// npm run measure spreading: what `balance: request` costs and gains. 1500 requests in turn, then of eight
// clients, to two applications behind one routing key, over the stand-in or SKROUTERD. A minute.
import { readFileSync } from 'node:fs';
import { Application } from '../../test/support/applications/application.ts';
import { GatewayProcess } from '../../test/support/gateway/gateway-process.ts';
import { startRouter } from '../../test/support/routers/router.ts';

const REQUESTS = 1500;
const CLIENTS = [1, 8];
/** USER_HZ of Linux on every platform that Node runs on: what /proc counts CPU time in. */
const TICK_MS = 10;

await using first = await Application.start((_request, response) => response.end('ok'));
await using second = await Application.start((_request, response) => response.end('ok'));
const applications = [first, second];
await using router = await startRouter({
  connectors: { 'app:1': applications.map(({ address }) => address) },
});

for (const clients of CLIENTS) {
  for (const balance of ['connection', 'request'] as const) await measured(balance, clients);
}

/** With a gateway of its own: routers count idle connections, too, when they choose a consumer. */
async function measured(balance: 'connection' | 'request', clients: number): Promise<void> {
  await using gateway = await GatewayProcess.start({
    links: [router.link],
    policy: `
services: { app: { address: "app:1", balance: ${balance} } }
routes: { app: { host: app.example.test, service: app, auth: public } }
`,
  });
  await send(gateway, clients, REQUESTS / 5);
  for (const application of applications) application.connections = application.requests = 0;
  const [startedMs, cpuBeforeMs] = [performance.now(), cpuMs(gateway)];
  await send(gateway, clients, REQUESTS);
  const wallMs = performance.now() - startedMs;
  const requests = applications.map((it) => it.requests).join(' and ');
  const connections = applications.map((it) => it.connections).join(' and ');
  console.log(
    `balance: ${balance}, ${clients} client(s): ${requests} requests at each consumer, ` +
      `${connections} new connections, ` +
      `${((cpuMs(gateway) - cpuBeforeMs) / REQUESTS).toFixed(2)} ms CPU of the gateway per request, ` +
      `${((wallMs * clients) / REQUESTS).toFixed(2)} ms per request`,
  );
}

/** `clients` of them, each with one request after the other. */
async function send(gateway: GatewayProcess, clients: number, requests: number): Promise<void> {
  let left = requests;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      const response = await gateway.request('/');
      if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
      await response.body.dump();
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
}

/** User and system time of the process, all threads: fields 14 and 15 of proc(5). */
function cpuMs({ child }: GatewayProcess): number {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}
